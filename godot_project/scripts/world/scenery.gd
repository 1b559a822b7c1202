extends Node3D
## Trees, lamps and benches round the player: chunks come near, in detail, and go.

## Detail of a chunk: nothing, far (plain forms), near (everything).
enum Detail { NONE, FAR, NEAR }

const Layout := preload("res://scripts/world/layout.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Plants := preload("res://scripts/world/plants.gd")
const Scatter := preload("res://scripts/world/scatter.gd")
const Solids := preload("res://scripts/world/solids.gd")

const REACH: Array[float] = [130.0, 230.0, 330.0]
const NEAR: Array[float] = [40.0, 65.0, 95.0]
const SLACK := 18.0

var solids: Solids = null

var _scatter: Scatter = Scatter.new()
var _shown: Dictionary[Vector2i, Detail] = {}
var _nodes: Dictionary[Vector2i, Node3D] = {}
var _glows: Array[StandardMaterial3D] = []
var _quality := 1
var _night := -1.0


func build(plan: Layout, taken: Array[Rect2]) -> void:
	for chunk: Vector2i in _shown.keys():
		_drop(chunk)
	_scatter.fill(plan, taken)


func set_quality(quality: int) -> void:
	_quality = clampi(quality, 0, 2)
	for chunk: Vector2i in _shown.keys():
		_drop(chunk)


## Shows what is near `centre`, for at most `budget` seconds (one chunk at least). Returns how many
## chunks are still to do.
func advance(centre: Vector3, night: float, budget: float) -> int:
	if absf(night - _night) > 0.02:
		_night = night
		_light_lamps()
	var start := Time.get_ticks_usec()
	var late := 0
	var built := false
	for chunk: Vector2i in _scatter.chunks:
		var now: Detail = _shown.get(chunk, Detail.NONE)
		var next := _wanted(_distance(chunk, centre), now)
		if next == now:
			continue
		if next == Detail.NONE:
			_drop(chunk)
		elif built and Time.get_ticks_usec() - start > budget * 1.0e6:
			late += 1
		else:
			built = true
			_drop(chunk)
			_build(chunk, next)
	return late


func _wanted(away: float, now: Detail) -> Detail:
	var near := NEAR[_quality] + (SLACK if now == Detail.NEAR else 0.0)
	var far := REACH[_quality] + (SLACK if now != Detail.NONE else 0.0)
	if away < near:
		return Detail.NEAR
	return Detail.FAR if away < far else Detail.NONE


func _distance(chunk: Vector2i, centre: Vector3) -> float:
	var area := Rect2(Vector2(chunk) * Scatter.CHUNK, Vector2.ONE * Scatter.CHUNK)
	var point := Vector2(centre.x, centre.z)
	return point.distance_to(point.clamp(area.position, area.end))


func _build(chunk: Vector2i, detail: Detail) -> void:
	var fine := detail == Detail.NEAR
	var kinds: Dictionary[String, Array] = {}
	for item: Scatter.Item in _scatter.chunks[chunk]:
		if not fine and item.kind in Plants.SMALL:
			continue
		var list: Array = kinds.get_or_add(item.kind, [])
		list.append(item)
		if fine and Plants.SOLID.has(item.kind):
			var at := Vector2(item.at.x, item.at.z)
			solids.add(chunk, at, Plants.SOLID[item.kind], 3.0 if item.kind != "bench" else 0.5)
	var root := Node3D.new()
	add_child(root)
	for kind in kinds:
		var shown := _many(Plants.mesh(kind, fine), kinds[kind], 0.0)
		if not fine or kind in Plants.SMALL:
			shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
		root.add_child(shown)
		if kind == "lamp":
			_add_glow(root, kinds[kind], fine)
	_nodes[chunk] = root
	_shown[chunk] = detail


func _many(mesh: Mesh, items: Array, lift: float) -> MultiMeshInstance3D:
	var many := MultiMesh.new()
	many.transform_format = MultiMesh.TRANSFORM_3D
	many.mesh = mesh
	many.instance_count = items.size()
	for index in items.size():
		var item: Scatter.Item = items[index]
		var turned := Basis(Vector3.UP, item.yaw).scaled(Vector3.ONE * item.size)
		var at := item.at + Vector3(0.0, lift * item.size, 0.0)
		many.set_instance_transform(index, Transform3D(turned, at))
	var shown := MultiMeshInstance3D.new()
	shown.multimesh = many
	return shown


## By night each lamp has a halo and lights the stones below it.
func _add_glow(root: Node3D, lamps: Array, fine: bool) -> void:
	var halo := QuadMesh.new()
	halo.size = Vector2.ONE * 2.6
	halo.material = _glow("halo")
	var pool := PlaneMesh.new()
	pool.size = Vector2.ONE * 11.0
	pool.material = _glow("pool")
	for shown: MultiMeshInstance3D in [_many(halo, lamps, 4.03), _many(pool, lamps, 0.14)]:
		shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
		root.add_child(shown)
		if not fine and shown.multimesh.mesh == pool:
			shown.visible = false


func _glow(part: String) -> StandardMaterial3D:
	if _glows.is_empty():
		_glows = [
			Palette.glow(Color(Palette.LAMP, 0.0), true),
			Palette.glow(Color(Palette.LAMP, 0.0), false)
		]
		_light_lamps()
	return _glows[0] if part == "halo" else _glows[1]


func _light_lamps() -> void:
	if not _glows.is_empty():
		_glows[0].albedo_color.a = 0.06 + 0.8 * _night
		_glows[1].albedo_color.a = 0.8 * _night


func _drop(chunk: Vector2i) -> void:
	if _nodes.has(chunk):
		_nodes[chunk].queue_free()
		_nodes.erase(chunk)
		solids.drop(chunk)
	_shown.erase(chunk)
