extends Node3D
## All things of the games around: made, changed and removed as the host says.

signal caught(at: Vector3, color: Color)

const Fields := preload("res://scripts/net/fields.gd")
const Entity := preload("res://scripts/world/entity.gd")
const Solids := preload("res://scripts/world/solids.gd")

const MOST := 4096
const SHOWN_M := 170.0
## Cosine of half the angle in which a thing counts as in front.
const FRONT := 0.1

var solids: Solids = null

var _known: Dictionary[int, Entity] = {}


func spawn(entities: Array) -> void:
	for facts: Dictionary in entities:
		var id := Fields.whole(facts, "id", -1)
		if id < 0 or (_known.size() >= MOST and not _known.has(id)):
			continue
		if _known.has(id):
			_drop(id)
		var made := Entity.new()
		made.id = id
		add_child(made)
		_known[id] = made
		_take(made, facts)


func change(entities: Array) -> void:
	for facts: Dictionary in entities:
		var id := Fields.whole(facts, "id", -1)
		if _known.has(id):
			_take(_known[id], facts)


## Takes things away; a coin goes with a burst.
func remove(ids: PackedInt32Array) -> void:
	for id in ids:
		if not _known.has(id):
			continue
		var gone := _known[id]
		if gone.tags.has("coin") or gone.model == "coin":
			caught.emit(gone.at, gone.color)
		_drop(id)


func clear() -> void:
	for id: int in _known.keys():
		_drop(id)


func advance(delta: float, viewer: Vector3) -> void:
	for id in _known:
		var one := _known[id]
		one.visible = one.at.distance_squared_to(viewer) < SHOWN_M * SHOWN_M
		if one.visible:
			one.advance(delta, viewer)


## The nearest usable thing within reach and in front of a walker who looks along `yaw`; or null.
func usable(from: Vector3, yaw: float) -> Entity:
	var ahead := Vector2(-sin(yaw), -cos(yaw))
	var best: Entity = null
	var best_m := INF
	for id in _known:
		var one := _known[id]
		if one.verb.is_empty():
			continue
		var away := from.distance_to(one.at)
		var way := Vector2(one.at.x - from.x, one.at.z - from.z)
		if (
			away < minf(best_m, one.reach)
			and (way.length() < 1.0 or way.normalized().dot(ahead) > FRONT)
		):
			best = one
			best_m = away
	return best


## The nearest thing of a placement that `fits` (a function of an Entity); or null.
func nearest(from: Vector3, fits: Callable) -> Entity:
	var best: Entity = null
	var best_m := INF
	for id in _known:
		var one := _known[id]
		var away := from.distance_squared_to(one.at)
		if away < best_m and fits.call(one) as bool:
			best = one
			best_m = away
	return best


func get_known(id: int) -> Entity:
	return _known.get(id)


func _take(one: Entity, facts: Dictionary) -> void:
	one.take(facts)
	if solids == null:
		return
	solids.drop(one.id)
	if one.solid_radius() > 0.0:
		solids.add(one.id, Vector2(one.at.x, one.at.z), one.solid_radius(), one.at.y + 1.2)


func _drop(id: int) -> void:
	_known[id].queue_free()
	_known.erase(id)
	if solids != null:
		solids.drop(id)
