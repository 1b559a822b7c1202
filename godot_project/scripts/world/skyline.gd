extends Node3D
## What lies beyond the district: a row of town houses, towers in the haze, hills, balloons.

const Kit := preload("res://scripts/world/mesh_kit.gd")
const Layout := preload("res://scripts/world/layout.gd")
const Palette := preload("res://scripts/world/palette.gd")

const SHADER := """
shader_type spatial;
render_mode specular_disabled, diffuse_lambert;
uniform float night;
void fragment() {
	vec3 c = COLOR.rgb;
	float lit = 0.0;
	if (UV.x >= 0.0) {
		vec2 cell = floor(UV);
		vec2 f = fract(UV);
		float street = step(UV.y, 1.0);
		vec2 lo = mix(vec2(0.32, 0.2), vec2(0.16, 0.0), street);
		vec2 hi = mix(vec2(0.68, 0.76), vec2(0.84, 0.66), street);
		vec2 inside = step(lo, f) * step(f, hi);
		float top = length((f - vec2(0.5, hi.y)) / vec2((hi.x - lo.x) * 0.5, 0.16));
		float pane = max(inside.x * inside.y, street * step(top, 1.0) * step(hi.y, f.y));
		float shutter = (1.0 - street) * step(0.2, f.x) * step(f.x, 0.8) * inside.y * (1.0 - inside.x);
		float clear = clamp(1.4 - 1.6 * max(fwidth(UV.x), fwidth(UV.y)), 0.0, 1.0);
		float chance = fract(sin(dot(cell, vec2(12.9898, 78.233)) + c.r * 91.0) * 43758.5453);
		vec3 glass = mix(vec3(0.22, 0.31, 0.38), vec3(0.42, 0.56, 0.62), f.y);
		c = mix(c, vec3(0.2, 0.42, 0.4) + c * 0.15, shutter * 0.8 * clear);
		c = mix(c, glass, mix(0.2, pane, clear) * 0.9);
		lit = mix(0.2, pane, clear) * step(chance, 0.15 + night * 0.5) * night;
	}
	ALBEDO = c;
	EMISSION = vec3(1.0, 0.62, 0.28) * lit * 0.95;
	ROUGHNESS = 1.0;
}
"""
const WALLS: Array[Color] = [
	Color("f1dfc0"),
	Color("ecc79c"),
	Color("e3a781"),
	Color("f4e9d6"),
	Color("dcb7a0"),
	Color("c9d0bf")
]
const WINDOW_M := 3.0
const STOREY_M := 3.3

var _material := ShaderMaterial.new()
var _balloons: Array[Node3D] = []
var _age := 0.0


func build(plan: Layout) -> void:
	for child in get_children():
		child.queue_free()
	_balloons.clear()
	var dice := plan.dice(990)
	for side in 4:
		var near := Kit.new()
		_houses(near, plan, side, dice)
		_show(near, true)
		var far := Kit.new()
		_towers(far, plan, side, dice)
		_show(far, false)
	_hills(plan, dice)
	for index in 5:
		_balloon(plan, dice)


func advance(delta: float, night: float) -> void:
	_age += delta
	_material.set_shader_parameter("night", night)
	for index in _balloons.size():
		var one := _balloons[index]
		one.position.y += sin(_age * 0.35 + index * 1.7) * 0.25 * delta
		one.position.x += (0.5 + 0.15 * index) * delta
		if one.position.x > 1400.0:
			one.position.x -= 2400.0


func _init() -> void:
	var shader := Shader.new()
	shader.code = SHADER
	_material.shader = shader


func _show(kit: Kit, shadow: bool) -> void:
	var shown := MeshInstance3D.new()
	shown.mesh = kit.commit(_material)
	if not shadow:
		shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(shown)


## Along side 0 (north), 1 (east), 2 (south) or 3 (west): x runs along it, z away from the district.
static func _frame(plan: Layout, side: int) -> Transform3D:
	var half := plan.size * 0.5
	var turned := Basis(Vector3.UP, PI - side * PI * 0.5)
	var middle := Vector3(half, 0.0, half)
	return Transform3D(turned, middle + turned * Vector3(0.0, 0.0, half + Layout.AVENUE))


func _houses(kit: Kit, plan: Layout, side: int, dice: RandomNumberGenerator) -> void:
	var frame := _frame(plan, side)
	var along := -plan.size * 0.5 - Layout.AVENUE
	while along < plan.size * 0.5 + Layout.AVENUE:
		var wide := WINDOW_M * dice.randi_range(3, 5)
		var storeys := dice.randi_range(2, 5)
		var deep := dice.randf_range(9.0, 13.0)
		var back := 1.5 + dice.randf_range(0.0, 1.2)
		var foot := Vector3(along + wide * 0.5, Layout.STREET_Y, back + deep * 0.5)
		along += wide + (dice.randf_range(2.0, 6.0) if dice.randf() < 0.25 else 0.06)
		var flat := Vector2((frame * foot).x, (frame * foot).z)
		if plan.plaza.has_area() and plan.plaza.grow(9.0).has_point(flat):
			continue
		kit.at = frame
		var tone := WALLS[dice.randi() % WALLS.size()]
		_house(kit, foot, Vector3(wide, storeys * STOREY_M, deep), tone, dice)


func _house(
	kit: Kit, foot: Vector3, size: Vector3, tone: Color, dice: RandomNumberGenerator
) -> void:
	_walls(kit, foot, size, tone)
	var from := kit.mark()
	var roof := foot + Vector3(0.0, size.y, 0.0)
	kit.box(roof, Vector3(size.x + 0.5, 0.28, size.z + 0.5), Palette.STONE_DARK, Palette.STONE)
	roof.y += 0.28
	if dice.randf() < 0.7:
		var tile := Palette.TERRACOTTA.lerp(Palette.CORAL, dice.randf() * 0.3)
		_gable(kit, roof, Vector3(size.x + 0.3, 1.4 + size.z * 0.14, size.z + 0.3), tile)
	else:
		kit.box(roof, Vector3(size.x, 0.8, size.z), tone.darkened(0.1), tone)
		kit.box(
			roof + Vector3(size.x * 0.2, 0.8, 0.0),
			Vector3(2.4, 2.0, 2.4),
			tone.darkened(0.12),
			tone
		)
	var front := foot.z - size.z * 0.5
	var awning := (
		[Palette.CORAL, Palette.TEAL, Palette.GOLD, Palette.CREAM][dice.randi() % 4] as Color
	)
	if dice.randf() < 0.75:
		var at := Vector3(foot.x, foot.y + 2.55, front - 0.6)
		kit.box(at, Vector3(size.x * 0.82, 0.24, 1.3), awning.darkened(0.2), awning, 0.9)
	for balcony in dice.randi_range(0, 2):
		var up := foot.y + STOREY_M * (1 + balcony) + 0.3
		var x := foot.x - size.x * 0.5 + WINDOW_M * (0.5 + dice.randi() % roundi(size.x / WINDOW_M))
		kit.box(
			Vector3(x, up, front - 0.4),
			Vector3(1.9, 0.7, 0.8),
			Palette.IRON,
			Palette.IRON.lightened(0.1)
		)
		kit.box(
			Vector3(x, up + 0.6, front - 0.5),
			Vector3(1.7, 0.35, 0.5),
			Palette.LEAF.darkened(0.2),
			Palette.BLOSSOM
		)
	kit.blank(from)


func _walls(kit: Kit, foot: Vector3, size: Vector3, tone: Color) -> void:
	var h := size * 0.5
	var tall := Vector3(0.0, size.y, 0.0)
	var base: Array[Vector3] = [
		foot + Vector3(-h.x, 0, -h.z),
		foot + Vector3(-h.x, 0, h.z),
		foot + Vector3(h.x, 0, h.z),
		foot + Vector3(h.x, 0, -h.z)
	]
	for side in 4:
		var a := base[side]
		var b := base[(side + 1) % 4]
		var across := maxf(1.0, roundf(a.distance_to(b) / WINDOW_M))
		var tiles := Vector2(across, roundf(size.y / STOREY_M))
		var corners: Array[Vector3] = [a, b, b + tall, a + tall]
		kit.wall(corners, tone.darkened(0.16), tone, tiles)


func _gable(kit: Kit, foot: Vector3, size: Vector3, tile: Color) -> void:
	var h := size * 0.5
	var a := foot + Vector3(-h.x, 0, -h.z)
	var b := foot + Vector3(-h.x, 0, h.z)
	var c := foot + Vector3(h.x, 0, h.z)
	var d := foot + Vector3(h.x, 0, -h.z)
	var left := foot + Vector3(-h.x + minf(2.0, h.x * 0.6), size.y, 0)
	var right := foot + Vector3(h.x - minf(2.0, h.x * 0.6), size.y, 0)
	var dark := tile.darkened(0.12)
	kit.quad(b, c, right, left, dark, tile)
	kit.quad(d, a, left, right, dark, tile)
	kit.tri(a, b, left, dark, dark, tile)
	kit.tri(c, d, right, dark, dark, tile)


## The city goes on behind: blocks that grow taller and paler with distance.
func _towers(kit: Kit, plan: Layout, side: int, dice: RandomNumberGenerator) -> void:
	var frame := _frame(plan, side)
	for row in 5:
		var away := 34.0 + row * 62.0
		var along := -plan.size * 0.5 - away * 0.8
		while along < plan.size * 0.5 + away * 0.8:
			var wide := WINDOW_M * dice.randi_range(4, 8)
			var tall := STOREY_M * dice.randi_range(4 + row * 2, 7 + row * 4)
			var foot := Vector3(along, Layout.STREET_Y, away + dice.randf_range(0.0, 30.0))
			along += wide + dice.randf_range(10.0, 46.0)
			var flat := Vector2((frame * foot).x, (frame * foot).z)
			if plan.plaza.has_area() and plan.plaza.grow(26.0).has_point(flat):
				continue
			kit.at = frame
			var tone := WALLS[dice.randi() % WALLS.size()].lerp(Color("b9c3cf"), row * 0.1)
			var size := Vector3(wide, tall, wide * dice.randf_range(0.7, 1.1))
			_walls(kit, foot, size, tone)
			var from := kit.mark()
			_top(kit, foot + Vector3(0, tall, 0), size, tone, dice)
			kit.blank(from)


func _top(kit: Kit, roof: Vector3, size: Vector3, tone: Color, dice: RandomNumberGenerator) -> void:
	match dice.randi() % 4:
		0:
			kit.prism(
				roof,
				Vector2.ONE * size.x * 0.34,
				Vector2.ONE * size.x * 0.3,
				3.0,
				10,
				tone.darkened(0.1),
				tone
			)
			kit.ball(
				roof + Vector3(0, 3, 0),
				Vector3(size.x * 0.32, size.x * 0.3, size.x * 0.32),
				4,
				10,
				Palette.TEAL.darkened(0.3),
				Palette.TEAL,
				0.0,
				1.0
			)
		1:
			_gable(kit, roof, Vector3(size.x + 0.6, 5.0, size.z + 0.6), Palette.TERRACOTTA)
		2:
			kit.box(roof, Vector3(size.x * 0.6, 6.0, size.z * 0.6), tone.darkened(0.1), tone)
			kit.prism(
				roof + Vector3(0, 6, 0),
				Vector2.ONE * size.x * 0.3,
				Vector2.ONE * 0.1,
				8.0,
				4,
				Palette.TERRACOTTA,
				Palette.TERRACOTTA
			)
		_:
			kit.box(
				roof, Vector3(size.x * 1.04, 1.2, size.z * 1.04), Palette.STONE_DARK, Palette.STONE
			)


## Soft hills and islands on the horizon.
func _hills(plan: Layout, dice: RandomNumberGenerator) -> void:
	var kit := Kit.new()
	var middle := Vector3(plan.size * 0.5, -6.0, plan.size * 0.5)
	for index in 26:
		var turn := TAU * index / 26.0 + dice.randf() * 0.15
		var away := dice.randf_range(950.0, 1500.0)
		var wide := dice.randf_range(110.0, 260.0)
		var tall := dice.randf_range(40.0, 130.0)
		var at := middle + Vector3(cos(turn), 0.0, sin(turn)) * away
		var tone := Color("7f9a86").lerp(Color("93a3bd"), dice.randf())
		kit.ball(at, Vector3(wide, tall, wide), 4, 9, tone.darkened(0.15), tone, 0.0, 1.0)
	var from := 0
	kit.blank(from)
	_show(kit, false)


func _balloon(plan: Layout, dice: RandomNumberGenerator) -> void:
	var kit := Kit.new()
	var tones: Array[Color] = [
		Palette.CORAL, Palette.GOLD, Palette.TEAL, Color("8a6fd1"), Palette.BLOSSOM
	]
	var tone := tones[_balloons.size() % tones.size()]
	for gore in 10:
		var paint := tone if gore % 2 == 0 else Palette.CREAM
		kit.at = Transform3D(Basis(Vector3.UP, TAU * gore / 10.0), Vector3.ZERO)
		_gore(kit, paint)
	kit.at = Transform3D.IDENTITY
	kit.prism(Vector3(0, -1.2, 0), Vector2.ONE * 0.7, Vector2.ONE * 2.6, 2.2, 10, tone, tone)
	kit.box(Vector3(0, -4.4, 0), Vector3(1.5, 1.2, 1.5), Palette.WOOD.darkened(0.3), Palette.WOOD)
	for x: float in [-0.6, 0.6]:
		kit.box(Vector3(x, -3.2, 0), Vector3(0.06, 2.2, 0.06), Palette.IRON, Palette.IRON)
	kit.blank(0)
	var shown := MeshInstance3D.new()
	shown.mesh = kit.commit(_material)
	shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	var turn := dice.randf() * TAU
	var away := dice.randf_range(170.0, 520.0)
	shown.position = Vector3(
		plan.size * 0.5 + cos(turn) * away,
		dice.randf_range(62.0, 130.0),
		plan.size * 0.5 + sin(turn) * away
	)
	add_child(shown)
	_balloons.append(shown)


## One tenth of a balloon's envelope, bottom to top.
static func _gore(kit: Kit, paint: Color) -> void:
	var half := PI / 10.0
	for ring in 6:
		var low := lerpf(-1.1, PI * 0.5, ring / 6.0)
		var high := lerpf(-1.1, PI * 0.5, (ring + 1) / 6.0)
		var corners: Array[Vector3] = []
		for corner: Vector2 in [
			Vector2(half, low), Vector2(-half, low), Vector2(-half, high), Vector2(half, high)
		]:
			var out := cos(corner.y) * 5.6
			corners.append(
				Vector3(cos(corner.x) * out, 6.4 + sin(corner.y) * 6.4, sin(corner.x) * out)
			)
		kit.quad(corners[0], corners[1], corners[2], corners[3], paint.darkened(0.14), paint)
