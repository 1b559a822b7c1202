extends "res://tests/suite.gd"
## The predicted walk: never faster than the host allows, whatever the frame rate.

const Motion := preload("res://scripts/player/motion.gd")
const Solids := preload("res://scripts/world/solids.gd")
const Wire := preload("res://scripts/net/wire.gd")


func test_pace_is_kept_at_any_frame_rate() -> void:
	for frames: int in [5, 10, 30, 60, 144]:
		for run: bool in [false, true]:
			var walker := Motion.new()
			for frame in frames * 4:
				walker.advance(1.0 / frames, Vector2(1.0, 1.0), run, false, null)
			var limit := (Wire.RUN_SPEED if run else Wire.WALK_SPEED) * 4.0
			check(walker.at.length() <= limit, "%d fps: too far" % frames)
			near(walker.at.length(), limit, 1.2, "%d fps" % frames)


func test_a_frozen_second_is_lost_and_not_jumped_over() -> void:
	var walker := Motion.new()
	walker.advance(10.0, Vector2.RIGHT, true, false, null)
	check(walker.at.x <= Wire.RUN_SPEED * Motion.FRAME_S, "dashed %s m" % walker.at.x)


func test_a_jump_rises_as_the_schema_says_and_lands() -> void:
	var walker := Motion.new()
	walker.advance(1.0 / 60.0, Vector2.ZERO, false, true, null)
	same(walker.anim(), Wire.ANIM_AIR, "anim")
	var top := 0.0
	for frame in 60:
		walker.advance(1.0 / 60.0, Vector2.ZERO, false, true if frame < 5 else false, null)
		top = maxf(top, walker.at.y)
	near(top, Wire.JUMP_SPEED * Wire.JUMP_SPEED / (2.0 * Wire.GRAVITY), 0.03, "height")
	same(walker.at.y, 0.0, "landed")
	same(walker.anim(), Wire.ANIM_IDLE, "anim after")


func test_posts_and_bounds_stop_the_walker() -> void:
	var solids := Solids.new()
	solids.add("tree", Vector2(4.0, 0.0), 0.5, 3.0)
	var walker := Motion.new()
	walker.bounds = [Rect2(-1.0, -1.0, 20.0, 2.0)]
	for frame in 400:
		walker.advance(1.0 / 20.0, Vector2(1.0, -0.3), true, false, solids)
		var away := Vector2(walker.at.x - 4.0, walker.at.z).length()
		check(away > 0.5 + Motion.RADIUS - 0.05, "inside the tree: %s" % away)
		check(walker.at.z >= -1.0, "out of bounds")
	check(walker.at.x > 15.0, "stuck at %s" % walker.at)


func test_dropped_posts_are_gone() -> void:
	var solids := Solids.new()
	solids.add(5, Vector2.ZERO, 1.0, 2.0)
	check(solids.push_out(Vector3(0.5, 0.0, 0.0), 0.3).x > 1.2, "not pushed")
	near(solids.reach(Vector3(-5, 1, 0), Vector3.RIGHT, 9.0, 0.0), 4.0, 0.01, "ray")
	near(solids.reach(Vector3(-5, 3, 0), Vector3.RIGHT, 9.0, 0.0), 9.0, 0.01, "ray above")
	solids.drop(5)
	same(solids.push_out(Vector3(0.5, 0.0, 0.0), 0.3).x, 0.5, "still there")
