extends Node3D
## The frames round the placements: floor, corner posts, sign, banners, and a light seen from afar.

const Kit := preload("res://scripts/world/mesh_kit.gd")
const Labels := preload("res://scripts/world/labels.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Place := preload("res://scripts/world/place.gd")
const Solids := preload("res://scripts/world/solids.gd")
const Surfaces := preload("res://scripts/world/surfaces.gd")

const MOST := 1100
const INSET := 0.45
const POST := 3.6
const BEAM := 46.0

var list: Array[Place] = []
var solids: Solids = null

var _beams: Array[MeshInstance3D] = []
var _age := 0.0


func show_all(facts: Array) -> void:
	for child in get_children():
		child.queue_free()
	if solids != null:
		for old in list:
			solids.drop("place %d" % old.id)
	list.clear()
	_beams.clear()
	for item: Dictionary in facts.slice(0, MOST):
		var place := Place.new()
		if place.read(item):
			list.append(place)
			_build(place)


## The placement that holds the point (x, z), or null.
func at(point: Vector2) -> Place:
	for place in list:
		if place.area.has_point(point):
			return place
	return null


func areas() -> Array[Rect2]:
	var found: Array[Rect2] = []
	for place in list:
		found.append(place.area)
	return found


func by_id(id: int) -> Place:
	for place in list:
		if place.id == id:
			return place
	return null


func nearest(from: Vector3, kind: String) -> Place:
	var best: Place = null
	for place in list:
		if not kind.is_empty() and place.kind != kind:
			continue
		if best == null or _away(place, from) < _away(best, from):
			best = place
	return best


## Light columns stand out more from afar and at night, and never blind somebody below.
func advance(delta: float, viewer: Vector3, night: float) -> void:
	_age += delta
	for index in _beams.size():
		var away := _beams[index].position.distance_to(viewer)
		var strength := clampf((away - 14.0) / 40.0, 0.0, 1.0) * (0.42 + night * 0.1)
		strength *= 0.9 + 0.1 * sin(_age * 1.3 + index)
		var paint := _beams[index].mesh.surface_get_material(0) as StandardMaterial3D
		paint.albedo_color.a = strength
		# Light that is added would be white on a bright sky; mixed in, it keeps its colour.
		paint.blend_mode = (
			BaseMaterial3D.BLEND_MODE_ADD if night > 0.5 else BaseMaterial3D.BLEND_MODE_MIX
		)


func _away(place: Place, from: Vector3) -> float:
	return place.middle().distance_squared_to(from)


func _build(place: Place) -> void:
	var root := Node3D.new()
	root.position = Vector3(place.area.position.x, 0.0, place.area.position.y)
	add_child(root)
	var floor_kit := Kit.new()
	var kit := Kit.new()
	var size := place.area.size
	var inner := Rect2(Vector2.ONE * INSET, size - Vector2.ONE * INSET * 2.0)
	floor_kit.ground(inner, 0.05, Palette.CREAM.lerp(place.color, 0.22))
	var tone := Palette.CREAM.lerp(place.color, 0.6)
	for border in _border(inner, 0.5):
		floor_kit.ground(border, 0.06, tone)
	_mesh(root, floor_kit, Surfaces.cobbles(), false)
	var corners: Array[Vector2] = [
		inner.position,
		Vector2(inner.end.x, inner.position.y),
		inner.end,
		Vector2(inner.position.x, inner.end.y)
	]
	for corner in corners:
		_post(kit, corner, place.color)
		if solids != null:
			solids.add("place %d" % place.id, place.area.position + corner, 0.3, POST)
	for side in 4:
		_garland(kit, corners[side], corners[(side + 1) % 4], place.color)
	_mesh(root, kit, Palette.plain(), true)
	for side in 4:
		_sign(root, place, side, size)
	_beam(place)


static func _border(inner: Rect2, wide: float) -> Array[Rect2]:
	return [
		Rect2(inner.position, Vector2(inner.size.x, wide)),
		Rect2(inner.position.x, inner.end.y - wide, inner.size.x, wide),
		Rect2(inner.position.x, inner.position.y + wide, wide, inner.size.y - wide * 2.0),
		Rect2(inner.end.x - wide, inner.position.y + wide, wide, inner.size.y - wide * 2.0),
	]


func _mesh(root: Node3D, kit: Kit, material: Material, shadow: bool) -> void:
	var shown := MeshInstance3D.new()
	shown.mesh = kit.commit(material)
	if not shadow:
		shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	root.add_child(shown)


func _post(kit: Kit, at_corner: Vector2, color: Color) -> void:
	var foot := Vector3(at_corner.x, 0.0, at_corner.y)
	var stone := Palette.STONE
	kit.box(foot, Vector3(0.62, 0.5, 0.62), stone.darkened(0.25), stone)
	kit.box(foot + Vector3(0, 0.5, 0), Vector3(0.34, POST - 0.9, 0.34), stone.darkened(0.08), stone)
	kit.box(foot + Vector3(0, POST - 0.4, 0), Vector3(0.52, 0.16, 0.52), color.darkened(0.1), color)
	kit.ball(
		foot + Vector3(0, POST - 0.02, 0), Vector3.ONE * 0.24, 4, 8, Palette.LAMP, Palette.CREAM
	)
	# A banner on each post, in the colour of the placement.
	for way: float in [0.0, PI * 0.5]:
		kit.at = Transform3D(Basis(Vector3.UP, way), foot)
		kit.box(Vector3(0, 1.15, 0.19), Vector3(0.3, 1.7, 0.03), color.darkened(0.16), color)
		kit.box(Vector3(0, 1.15, -0.19), Vector3(0.3, 1.7, 0.03), color.darkened(0.16), color)
	kit.at = Transform3D.IDENTITY


## A sagging string of pennants between two posts.
func _garland(kit: Kit, from: Vector2, to: Vector2, color: Color) -> void:
	var steps := clampi(roundi(from.distance_to(to) / 0.8), 4, 60)
	var along := (to - from).normalized()
	for step in steps:
		var t := (step + 0.5) / steps
		var flat := from.lerp(to, t)
		var sag := 4.0 * t * (1.0 - t)
		# High enough to leave the view into the field free.
		var y := POST - 0.12 - sag * 0.22
		var half := along * 0.24
		var tone := color if step % 2 == 0 else Palette.CREAM
		var a := Vector3(flat.x - half.x, y, flat.y - half.y)
		var b := Vector3(flat.x + half.x, y, flat.y + half.y)
		var tip := Vector3(flat.x, y - 0.36, flat.y)
		kit.tri(a, tip, b, tone, tone, tone)
		kit.tri(b, tip, a, tone, tone, tone)


## A board over the middle of a side, to be read from outside.
func _sign(root: Node3D, place: Place, side: int, size: Vector2) -> void:
	var board := Node3D.new()
	var turn := side * PI * 0.5
	var half := (size.y if side % 2 == 0 else size.x) * 0.5 - INSET
	var centre := Vector3(size.x * 0.5, 0.0, size.y * 0.5)
	board.position = centre + Vector3(sin(turn), 0.0, cos(turn)) * half
	board.rotation.y = turn
	# Beside the middle, which is for walking in and for what the game puts there.
	var along := (size.x if side % 2 == 0 else size.y) * 0.5 - INSET
	board.position += board.basis.x * -maxf(0.0, along - 3.2)
	root.add_child(board)
	var kit := Kit.new()
	var wide := 4.6
	for x: float in [-wide * 0.5, wide * 0.5]:
		kit.box(Vector3(x, 0, 0), Vector3(0.16, 3.4, 0.16), Palette.IRON, Palette.IRON)
	kit.box(Vector3(0, 2.62, 0), Vector3(wide + 0.3, 1.16, 0.14), Palette.IRON, Palette.IRON)
	kit.box(
		Vector3(0, 2.68, 0),
		Vector3(wide + 0.16, 1.04, 0.2),
		place.color.darkened(0.55),
		Palette.INK
	)
	kit.box(Vector3(0, 2.62, 0), Vector3(wide + 0.16, 0.1, 0.24), place.color, place.color)
	_mesh(board, kit, Palette.plain(), true)
	for face: float in [0.0, PI]:
		var title := Labels.flat(place.title, 0.46, Palette.CREAM)
		title.outline_size = 0
		title.rotation.y = face
		title.position = Vector3(0.0, 3.33, 0.125 if face == 0.0 else -0.125)
		title.double_sided = false
		_fit(title, wide - 0.2)
		board.add_child(title)
		var kind := Labels.flat(tr(place.kind).to_upper(), 0.2, place.color.lightened(0.35))
		kind.outline_size = 0
		kind.rotation.y = face
		kind.double_sided = false
		kind.position = Vector3(0.0, 2.93, 0.125 if face == 0.0 else -0.125)
		board.add_child(kind)


static func _fit(label: Label3D, metres: float) -> void:
	var wide := ThemeDB.fallback_font.get_string_size(
		label.text, HORIZONTAL_ALIGNMENT_LEFT, -1, label.font_size
	)
	if wide.x * label.pixel_size > metres:
		label.pixel_size = metres / wide.x


func _beam(place: Place) -> void:
	var kit := Kit.new()
	var tone := place.color.lightened(0.15)
	kit.prism(Vector3.ZERO, Vector2.ONE * 0.55, Vector2.ONE * 1.1, BEAM, 12, tone, Color(tone, 0.0))
	var paint := Palette.glow(Color(1.0, 1.0, 1.0, 0.0), false)
	paint.albedo_texture = null
	var beam := MeshInstance3D.new()
	beam.mesh = kit.commit(paint)
	beam.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	beam.position = place.middle()
	add_child(beam)
	_beams.append(beam)
