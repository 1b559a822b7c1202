extends Node3D
## The genesis plaza: rings of stone, a fountain with the golden coin of LIVE, benches, lamps.

const Kit := preload("res://scripts/world/mesh_kit.gd")
const Layout := preload("res://scripts/world/layout.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Plants := preload("res://scripts/world/plants.gd")
const Solids := preload("res://scripts/world/solids.gd")
const Surfaces := preload("res://scripts/world/surfaces.gd")

const SEGMENTS := 32

var solids: Solids = null

var _coin: Node3D = null
var _water: MeshInstance3D = null
var _age := 0.0
var _halo: StandardMaterial3D = Palette.glow(Color(Palette.LAMP, 0.0), true)
var _lit_stones: StandardMaterial3D = Palette.glow(Color(Palette.LAMP, 0.0), false)


func build(plan: Layout) -> void:
	for child in get_children():
		child.queue_free()
	solids.drop("plaza")
	_water = null
	_coin = null
	if not plan.plaza.has_area():
		return
	var centre := Vector3(plan.plaza.get_center().x, 0.0, plan.plaza.get_center().y)
	var radius := minf(plan.plaza.size.x, plan.plaza.size.y) * 0.5
	_pave(plan, centre, radius)
	if radius >= 8.0:
		_fountain(centre, minf(radius * 0.16, 5.0))
		_furnish(centre, radius)


## `night` runs from 0 (day) to 1.
func advance(delta: float, night: float) -> void:
	_age += delta
	_halo.albedo_color.a = 0.06 + 0.8 * night
	_lit_stones.albedo_color.a = 0.8 * night
	if _coin != null:
		_coin.rotation.y = _age * 0.6
	if _water != null:
		_water.position.y = 0.62 + sin(_age * 1.4) * 0.015


func _pave(plan: Layout, centre: Vector3, radius: float) -> void:
	var stone := Kit.new()
	stone.ground(plan.plaza, -0.02, Palette.PAVING)
	_show(stone, Surfaces.paving(), false)
	var rings := Kit.new()
	var tones: Array[Color] = [
		Palette.STONE, Palette.TERRACOTTA, Palette.CREAM, Palette.PAVING_DARK
	]
	var edges: Array[float] = [0.97, 0.93, 0.66, 0.62, 0.34, 0.31]
	for index in range(0, edges.size(), 2):
		_disc_ring(
			rings, centre, radius * edges[index + 1], radius * edges[index], tones[index / 2]
		)
	for ray in 16:
		var turn := TAU * ray / 16.0
		rings.at = Transform3D(Basis(Vector3.UP, turn), centre)
		var strip := Rect2(-0.22, radius * 0.34, 0.44, radius * 0.28)
		rings.ground(strip, 0.0, tones[1] if ray % 2 == 0 else tones[0])
	rings.at = Transform3D.IDENTITY
	_show(rings, Surfaces.cobbles(), false)


func _disc_ring(kit: Kit, centre: Vector3, inner: float, outer: float, tone: Color) -> void:
	for index in SEGMENTS:
		var one := TAU * index / SEGMENTS
		var two := TAU * (index + 1) / SEGMENTS
		var a := Vector3(cos(one), 0.0, sin(one))
		var b := Vector3(cos(two), 0.0, sin(two))
		kit.quad(
			centre + b * inner,
			centre + b * outer,
			centre + a * outer,
			centre + a * inner,
			tone,
			tone
		)


func _fountain(centre: Vector3, radius: float) -> void:
	var kit := Kit.new()
	kit.at = Transform3D(Basis.IDENTITY, centre)
	var stone := Palette.STONE
	var dark := stone.darkened(0.28)
	kit.prism(
		Vector3.ZERO,
		Vector2.ONE * (radius + 0.7),
		Vector2.ONE * (radius + 0.6),
		0.22,
		16,
		dark,
		stone
	)
	for index in 16:
		var one := TAU * index / 16.0
		var wall := Basis(Vector3.UP, -one - PI / 16.0 - PI * 0.5)
		var out := Vector3(cos(one + PI / 16.0), 0.0, sin(one + PI / 16.0)) * radius
		kit.at = Transform3D(wall, centre + out)
		var long := radius * 0.4
		kit.box(Vector3(0, 0.2, 0), Vector3(long, 0.55, 0.4), dark, stone)
		kit.box(Vector3(0, 0.75, 0), Vector3(long + 0.06, 0.1, 0.56), stone, Palette.CREAM)
	kit.at = Transform3D(Basis.IDENTITY, centre)
	kit.prism(Vector3(0, 0.2, 0), Vector2.ONE * 0.75, Vector2.ONE * 0.45, 1.5, 10, dark, stone)
	kit.prism(
		Vector3(0, 1.7, 0), Vector2.ONE * 0.5, Vector2.ONE * radius * 0.5, 0.5, 16, dark, stone
	)
	kit.prism(Vector3(0, 2.05, 0), Vector2.ONE * 0.36, Vector2.ONE * 0.26, 1.5, 8, dark, stone)
	_show(kit, Palette.plain(), true)
	solids.add("plaza", Vector2(centre.x, centre.z), radius + 0.45, 2.6)
	_pool(centre, radius)
	_monument(centre + Vector3(0, 4.55, 0))
	_jets(centre, radius)


func _pool(centre: Vector3, radius: float) -> void:
	var kit := Kit.new()
	var deep := Palette.WATER
	kit.prism(
		Vector3.ZERO,
		Vector2.ONE * (radius - 0.1),
		Vector2.ONE * (radius - 0.1),
		0.02,
		16,
		deep,
		deep
	)
	kit.prism(
		Vector3(0, 1.56, 0),
		Vector2.ONE * radius * 0.44,
		Vector2.ONE * radius * 0.44,
		0.02,
		16,
		deep,
		deep.lightened(0.2)
	)
	var paint := Palette.plain().duplicate() as StandardMaterial3D
	paint.specular_mode = BaseMaterial3D.SPECULAR_SCHLICK_GGX
	paint.roughness = 0.12
	paint.emission_enabled = true
	paint.emission = Color("2d7f93")
	paint.emission_energy_multiplier = 0.35
	_show(kit, paint, false)
	_water = get_child(get_child_count() - 1) as MeshInstance3D
	_water.position = centre


## The coin of LIVE, turning over the water.
func _monument(at: Vector3) -> void:
	var kit := Kit.new()
	kit.at = Transform3D(Basis(Vector3.RIGHT, PI * 0.5), Vector3(0, 0, -0.14))
	var gold := Palette.GOLD
	kit.prism(
		Vector3.ZERO, Vector2.ONE * 1.1, Vector2.ONE * 1.1, 0.28, 28, gold.darkened(0.15), gold
	)
	kit.prism(
		Vector3(0, -0.03, 0),
		Vector2.ONE * 0.86,
		Vector2.ONE * 0.86,
		0.34,
		28,
		gold.lightened(0.25),
		gold.lightened(0.4)
	)
	kit.at = Transform3D.IDENTITY
	for side: float in [-1.0, 1.0]:
		kit.box(
			Vector3(-0.2, -0.5, 0.2 * side),
			Vector3(0.2, 1.0, 0.06),
			gold.darkened(0.35),
			gold.darkened(0.2)
		)
		kit.box(
			Vector3(0.1, -0.5, 0.2 * side),
			Vector3(0.5, 0.2, 0.06),
			gold.darkened(0.35),
			gold.darkened(0.2)
		)
	var shown := MeshInstance3D.new()
	shown.mesh = kit.commit(Palette.shining())
	_coin = Node3D.new()
	_coin.position = at
	_coin.add_child(shown)
	add_child(_coin)


func _jets(centre: Vector3, radius: float) -> void:
	var drops := CPUParticles3D.new()
	var grain := SphereMesh.new()
	grain.radius = 0.05
	grain.height = 0.1
	grain.radial_segments = 5
	grain.rings = 3
	var paint := StandardMaterial3D.new()
	paint.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	paint.albedo_color = Color("dff2f4")
	grain.material = paint
	drops.mesh = grain
	drops.amount = 90
	drops.lifetime = 1.15
	drops.preprocess = 1.2
	drops.emission_shape = CPUParticles3D.EMISSION_SHAPE_RING
	drops.emission_ring_axis = Vector3.UP
	drops.emission_ring_radius = radius * 0.42
	drops.emission_ring_inner_radius = radius * 0.4
	drops.emission_ring_height = 0.05
	drops.direction = Vector3.UP
	drops.spread = 24.0
	drops.initial_velocity_min = 1.4
	drops.initial_velocity_max = 2.6
	drops.gravity = Vector3(0.0, -6.5, 0.0)
	drops.position = centre + Vector3(0, 2.1, 0)
	add_child(drops)


func _furnish(centre: Vector3, radius: float) -> void:
	for index in 8:
		var turn := TAU * (index + 0.5) / 8.0
		var out := Vector3(cos(turn), 0.0, sin(turn))
		_stand("lamp", centre + out * radius * 0.72, 0.0, 1.1)
		_shine(centre + out * radius * 0.72)
		_stand("bench", centre + out * radius * 0.5, -turn - PI * 0.5 + PI, 1.0)
		var aside := Vector3(cos(turn + 0.2), 0.0, sin(turn + 0.2))
		_stand("planter", centre + aside * radius * 0.5, turn, 0.9)
	for corner in 4:
		var turn := PI * 0.25 + PI * 0.5 * corner
		var out := Vector3(cos(turn), 0.0, sin(turn))
		_stand("blossom", centre + out * radius * 1.16, turn, 1.25)
		_stand("kiosk", centre + out.rotated(Vector3.UP, 0.3) * radius * 1.08, turn + PI * 0.5, 1.0)
		_stand("cypress", centre + out * radius * 1.3, turn, 1.0)


func _stand(kind: String, at: Vector3, yaw: float, size: float) -> void:
	var shown := MeshInstance3D.new()
	shown.mesh = Plants.mesh(kind, true)
	shown.position = at
	shown.rotation.y = yaw
	shown.scale = Vector3.ONE * size
	shown.visibility_range_end = 260.0
	add_child(shown)
	var tall := 0.5 if kind == "bench" else 3.0
	solids.add("plaza", Vector2(at.x, at.z), Plants.SOLID[kind], tall)


## A halo round a lamp and light on the stones below it.
func _shine(at: Vector3) -> void:
	var halo := QuadMesh.new()
	halo.size = Vector2.ONE * 2.8
	halo.material = _halo
	var pool := PlaneMesh.new()
	pool.size = Vector2.ONE * 12.0
	pool.material = _lit_stones
	for light: Array in [[halo, 4.43], [pool, 0.05]]:
		var shown := MeshInstance3D.new()
		shown.mesh = light[0]
		shown.position = at + Vector3(0.0, light[1] as float, 0.0)
		shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
		add_child(shown)


func _show(kit: Kit, material: Material, shadow: bool) -> void:
	var shown := MeshInstance3D.new()
	shown.mesh = kit.commit(material)
	if not shadow:
		shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(shown)
