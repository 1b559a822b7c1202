extends "res://tests/suite.gd"
## Remote avatars between reports.

const Track := preload("res://scripts/world/track.gd")


func test_places_between_reports_lie_on_the_line() -> void:
	var track := Track.new()
	track.add(1.0, Vector3.ZERO, 0.0, 1)
	track.add(1.1, Vector3(1.0, 0.0, 0.0), 1.0, 1)
	track.sample(1.05)
	near(track.at.x, 0.5, 0.001, "x")
	near(track.yaw, 0.5, 0.001, "yaw")
	near(track.speed, 10.0, 0.01, "speed")


func test_turns_take_the_short_way() -> void:
	var track := Track.new()
	track.add(1.0, Vector3.ZERO, TAU - 0.1, 0)
	track.add(1.1, Vector3.ZERO, 0.1, 0)
	track.sample(1.05)
	near(wrapf(track.yaw, -PI, PI), 0.0, 0.001, "yaw")


func test_a_rest_is_no_slow_drift() -> void:
	var track := Track.new()
	track.add(1.0, Vector3.ZERO, 0.0, 0)
	track.add(9.0, Vector3(0.4, 0.0, 0.0), 0.0, 1)
	track.sample(8.0)
	same(track.at, Vector3.ZERO, "drifted")
	track.sample(9.0)
	near(track.at.x, 0.4, 0.001, "arrived")


func test_a_long_way_is_a_jump() -> void:
	var track := Track.new()
	track.add(1.0, Vector3.ZERO, 0.0, 0)
	track.add(1.1, Vector3(50.0, 0.0, 0.0), 0.0, 0)
	track.sample(1.05)
	same(track.at.x, 50.0, "slid over")


func test_late_reports_are_ignored_and_nothing_is_extrapolated() -> void:
	var track := Track.new()
	track.sample(5.0)
	track.add(2.0, Vector3.ONE, 0.0, 0)
	track.add(1.9, Vector3.ZERO, 0.0, 0)
	track.sample(99.0)
	same(track.at, Vector3.ONE, "last place")
	same(track.speed, 0.0, "speed")
