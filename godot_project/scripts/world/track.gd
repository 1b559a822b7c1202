extends RefCounted
## The way of one remote avatar: what the host said, shown a little later and smoothly. Pure.

const Wire := preload("res://scripts/net/wire.gd")

## Two reports further apart than this have a rest between them, not a slow drift.
const GAP_S := 0.25
const STEP_S := 1.0 / Wire.MOVE_HZ
const JUMP_M := 10.0
const KEEP := 12

var at := Vector3.ZERO
var yaw := 0.0
var anim := 0
var speed := 0.0

var _times := PackedFloat64Array()
var _places := PackedVector3Array()
var _yaws := PackedFloat32Array()
var _anims := PackedInt32Array()


## A report for time `when` (host seconds). Reports that come late are ignored.
func add(when: float, place: Vector3, facing: float, state: int) -> void:
	var last := _times.size() - 1
	if last >= 0:
		if when <= _times[last]:
			return
		if place.distance_to(_places[last]) > JUMP_M:
			_clear()
		elif when - _times[last] > GAP_S:
			_append(when - STEP_S, _places[last], _yaws[last], _anims[last])
	_append(when, place, facing, state)
	while _times.size() > KEEP:
		_times.remove_at(0)
		_places.remove_at(0)
		_yaws.remove_at(0)
		_anims.remove_at(0)


## Sets `at`, `yaw`, `anim` and `speed` to what holds at time `when`.
func sample(when: float) -> void:
	speed = 0.0
	var count := _times.size()
	if count == 0:
		return
	var next := 0
	while next < count and _times[next] <= when:
		next += 1
	if next == 0 or next == count:
		var only := mini(next, count - 1)
		at = _places[only]
		yaw = _yaws[only]
		anim = _anims[only]
		return
	var span := _times[next] - _times[next - 1]
	var t := (when - _times[next - 1]) / span
	at = _places[next - 1].lerp(_places[next], t)
	yaw = lerp_angle(_yaws[next - 1], _yaws[next], t)
	anim = _anims[next]
	speed = (
		(
			Vector2(_places[next].x - _places[next - 1].x, _places[next].z - _places[next - 1].z)
			. length()
		)
		/ span
	)


func _append(when: float, place: Vector3, facing: float, state: int) -> void:
	_times.append(when)
	_places.append(place)
	_yaws.append(facing)
	_anims.append(state)


func _clear() -> void:
	_times.clear()
	_places.clear()
	_yaws.clear()
	_anims.clear()
