extends RefCounted
## The walk of the own avatar, predicted here and checked by the host. Pure: no node, no clock.

const Wire := preload("res://scripts/net/wire.gd")
const Solids := preload("res://scripts/world/solids.gd")

const RADIUS := 0.32
## No step is longer, so that a slow frame does not jump through a post.
const STEP_S := 1.0 / 30.0
## Time of one frame beyond this is lost: the avatar falls behind rather than dashes.
const FRAME_S := 0.25
const GAIN := 14.0

var at := Vector3.ZERO
var yaw := 0.0
var speed := Vector2.ZERO
var rise := 0.0
var grounded := true
## Rectangles on which one can be; empty: everywhere.
var bounds: Array[Rect2] = []


func place(to: Vector3) -> void:
	at = to
	speed = Vector2.ZERO
	rise = 0.0
	grounded = at.y <= 0.0


## `wish` is the direction in the plane (x east, y south), at most 1 long.
func advance(delta: float, wish: Vector2, run: bool, jump: bool, solids: Solids) -> void:
	if jump and grounded:
		rise = Wire.JUMP_SPEED
		grounded = false
	var left := clampf(delta, 0.0, FRAME_S)
	while left > 0.0:
		var step := minf(left, STEP_S)
		_step(step, wish.limit_length(1.0), Wire.RUN_SPEED if run else Wire.WALK_SPEED, solids)
		left -= step


func anim() -> int:
	if not grounded:
		return Wire.ANIM_AIR
	var pace := speed.length()
	if pace < 0.3:
		return Wire.ANIM_IDLE
	return Wire.ANIM_RUN if pace > (Wire.WALK_SPEED + Wire.RUN_SPEED) * 0.5 else Wire.ANIM_WALK


func _step(delta: float, wish: Vector2, pace: float, solids: Solids) -> void:
	speed = speed.lerp(wish * pace, minf(1.0, delta * GAIN)).limit_length(pace)
	if wish == Vector2.ZERO and speed.length() < 0.05:
		speed = Vector2.ZERO
	if wish.length() > 0.05:
		var heading := atan2(-wish.x, -wish.y)
		yaw = lerp_angle(yaw, heading, minf(1.0, delta * 12.0))
	var before := at
	at += Vector3(speed.x, 0.0, speed.y) * delta
	if not grounded:
		at.y += rise * delta - 0.5 * Wire.GRAVITY * delta * delta
		rise -= Wire.GRAVITY * delta
		if at.y <= 0.0 and rise < 0.0:
			at.y = 0.0
			rise = 0.0
			grounded = true
	if solids != null:
		at = solids.push_out(at, RADIUS)
	at = _bounded(before, at)
	# Being pushed aside never makes a step longer than the pace allows.
	var moved := Vector2(at.x - before.x, at.z - before.z).limit_length(pace * delta)
	at = Vector3(before.x + moved.x, at.y, before.z + moved.y)


func _bounded(before: Vector3, to: Vector3) -> Vector3:
	if bounds.is_empty():
		return to
	for area in bounds:
		if area.has_point(Vector2(to.x, to.z)):
			return to
	for area in bounds:
		if area.has_point(Vector2(before.x, before.z)):
			return Vector3(
				clampf(to.x, area.position.x, area.end.x - 0.01),
				to.y,
				clampf(to.z, area.position.y, area.end.y - 0.01)
			)
	return to
