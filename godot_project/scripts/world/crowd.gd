extends Node3D
## The other players, from the host's snapshots.

const Wire := preload("res://scripts/net/wire.gd")
const Fields := preload("res://scripts/net/fields.gd")
const Session := preload("res://scripts/net/session.gd")
const Avatar := preload("res://scripts/world/remote_avatar.gd")
const Kit := preload("res://scripts/world/mesh_kit.gd")
const Palette := preload("res://scripts/world/palette.gd")

const DELAY_S := 0.1
## Whoever is further away than two cells is outside what the host reports.
const HORIZON_M := Wire.CELL_M * 2.0
const BODY_M := 48.0
const BODIES := 40
const ASK_S := 0.25
const MOST := 2048

var ground_at: Callable = Callable()

var _session: Session = null
var _avatars: Dictionary[int, Avatar] = {}
var _known: Dictionary[int, Dictionary] = {}
var _asked: Dictionary[int, int] = {}
var _ask_in := 0.0
## Host time minus our time, smoothed.
var _offset := 0.0
var _has_offset := false
var _far := MultiMeshInstance3D.new()
var _sort_in := 0.0


func start(session: Session) -> void:
	_session = session
	session.snapshot_given.connect(_on_snapshot)
	session.who_given.connect(_on_who)
	var shape := MultiMesh.new()
	shape.transform_format = MultiMesh.TRANSFORM_3D
	shape.use_colors = true
	shape.mesh = _far_person()
	_far.multimesh = shape
	_far.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(_far)


func clear() -> void:
	for slot: int in _avatars.keys():
		_drop(slot)
	_known.clear()
	_asked.clear()
	_has_offset = false


func count() -> int:
	return _avatars.size()


func places() -> PackedVector3Array:
	var found := PackedVector3Array()
	for slot in _avatars:
		found.append(_avatars[slot].position)
	return found


func speak(slot: int, text: String) -> void:
	if _avatars.has(slot):
		_avatars[slot].speak(text.left(120))


func gesture(slot: int, name: String) -> void:
	if _avatars.has(slot) and _avatars[slot].body != null:
		_avatars[slot].body.gesture(name)


func advance(delta: float, viewer: Vector3) -> void:
	var when := _now() + _offset - DELAY_S
	for slot: int in _avatars.keys():
		var one := _avatars[slot]
		one.advance(delta, when, viewer, ground_at)
		var away := (one.track.at - viewer).abs()
		if maxf(away.x, away.z) > HORIZON_M:
			_drop(slot)
	_sort_in -= delta
	if _sort_in <= 0.0:
		_sort_in = 0.3
		_choose_bodies(viewer)
	_draw_far()
	_ask(delta)


func _on_snapshot(snapshot: Session.Codec.Snapshot) -> void:
	var when := snapshot.tick / float(Wire.TICK_HZ)
	var offset := when - _now()
	if not _has_offset or absf(offset - _offset) > 1.0:
		_offset = offset
		_has_offset = true
	else:
		_offset = lerpf(_offset, offset, 0.05)
	for block in snapshot.blocks:
		var listed: Dictionary[int, bool] = {}
		for record in block.records:
			listed[record.slot] = true
			_report(block.cell, record, when)
		for slot in block.left:
			# It may have been reported from the next cell already.
			if _avatars.has(slot) and _avatars[slot].cell == block.cell:
				_drop(slot)
		if block.keyframe:
			for slot: int in _avatars.keys():
				if _avatars[slot].cell == block.cell and not listed.has(slot):
					_drop(slot)


func _report(cell: int, record: Session.Codec.Record, when: float) -> void:
	if record.slot == _session.slot:
		return
	if not _avatars.has(record.slot):
		if _avatars.size() >= MOST:
			return
		var made := Avatar.new()
		add_child(made)
		_avatars[record.slot] = made
		_sort_in = 0.0
		if _known.has(record.slot):
			_introduce(record.slot)
	var one := _avatars[record.slot]
	one.cell = cell
	one.track.add(when, record.at, record.yaw, record.anim)


func _on_who(players: Array) -> void:
	for facts: Dictionary in players:
		var slot := Fields.whole(facts, "slot", -1)
		if slot < 0 or slot > 0xFFFF:
			continue
		_known[slot] = facts
		_introduce(slot)


func _introduce(slot: int) -> void:
	if not _avatars.has(slot):
		return
	var facts := _known[slot]
	var name := Fields.text(facts, "name", "…").left(Wire.MAX_NAME)
	var coat := Fields.color(facts, "color", Palette.TEAL)
	_avatars[slot].introduce(Fields.whole(facts, "id", slot), name, coat)


## Asks who the unknown ones are; three times at most, with growing pauses.
func _ask(delta: float) -> void:
	_ask_in -= delta
	if _ask_in > 0.0:
		return
	_ask_in = ASK_S
	var unknown: Array[int] = []
	for slot in _avatars:
		if not _known.has(slot) and _asked.get(slot, 0) < 3 and unknown.size() < 64:
			unknown.append(slot)
			_asked[slot] = _asked.get(slot, 0) + 1
			_ask_in = 1.0
	if not unknown.is_empty():
		_session.ask_who(unknown)


func _choose_bodies(viewer: Vector3) -> void:
	var order: Array[Avatar] = []
	for slot in _avatars:
		order.append(_avatars[slot])
	order.sort_custom(
		func(a: Avatar, b: Avatar) -> bool:
			return a.track.at.distance_squared_to(viewer) < b.track.at.distance_squared_to(viewer)
	)
	for index in order.size():
		var near := order[index].track.at.distance_to(viewer) < BODY_M
		order[index].set_near(near and index < BODIES)


func _draw_far() -> void:
	var shape := _far.multimesh
	if shape.instance_count < _avatars.size():
		shape.instance_count = nearest_po2(_avatars.size())
	var drawn := 0
	for slot in _avatars:
		var one := _avatars[slot]
		if one.body != null:
			continue
		var turned := Basis(Vector3.UP, one.track.yaw)
		shape.set_instance_transform(drawn, Transform3D(turned, one.position))
		shape.set_instance_color(drawn, one.coat())
		drawn += 1
	shape.visible_instance_count = drawn


func _drop(slot: int) -> void:
	_avatars[slot].queue_free()
	_avatars.erase(slot)
	_asked.erase(slot)


func _now() -> float:
	return Time.get_ticks_usec() / 1.0e6


static func _far_person() -> ArrayMesh:
	var kit := Kit.new()
	kit.prism(
		Vector3.ZERO,
		Vector2(0.15, 0.12),
		Vector2(0.2, 0.14),
		0.9,
		5,
		Color(0.4, 0.4, 0.4),
		Color(0.5, 0.5, 0.5)
	)
	kit.prism(
		Vector3(0, 0.9, 0),
		Vector2(0.3, 0.15),
		Vector2(0.2, 0.12),
		0.52,
		5,
		Color.WHITE,
		Color.WHITE
	)
	kit.ball(Vector3(0, 1.6, 0), Vector3(0.15, 0.18, 0.15), 3, 5, Color.WHITE, Color.WHITE)
	return kit.commit(Palette.plain())
