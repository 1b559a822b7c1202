extends RefCounted
## The models a game may name. One mesh for each name and colour, made once.

const Kit := preload("res://scripts/world/mesh_kit.gd")
const Palette := preload("res://scripts/world/palette.gd")

## Meshes kept; a host that invents colours without end only makes them be built again.
const KEEP := 256

## Height in metres at which a label floats.
const TOPS: Dictionary[String, float] = {
	"coin": 0.9,
	"pedestal": 2.4,
	"crate": 1.3,
	"sign": 2.5,
	"arch": 4.2,
	"cone": 1.2,
	"banner": 3.9,
	"light": 3.3,
	"ball": 1.3,
	"box": 1.4,
	"cylinder": 1.4,
}

static var _meshes: Dictionary[String, ArrayMesh] = {}


static func mesh(model: String, color: Color) -> ArrayMesh:
	var key := model + color.to_html(false)
	if not _meshes.has(key):
		if _meshes.size() >= KEEP:
			_meshes.clear()
		_meshes[key] = _build(model, color)
	return _meshes[key]


static func top(model: String) -> float:
	return TOPS.get(model, 1.4)


## Radius of the post that stops a walker, in metres; 0: can be walked through.
static func solid_radius(model: String) -> float:
	match model:
		"pedestal", "cylinder":
			return 0.5
		"crate", "box":
			return 0.55
		"sign":
			return 0.6
		"light", "banner":
			return 0.15
	return 0.0


static func _build(model: String, color: Color) -> ArrayMesh:
	var kit := Kit.new()
	var low := color.darkened(0.22)
	match model:
		"coin":
			_coin(kit, color)
		"pedestal":
			_pedestal(kit, color)
		"crate":
			_crate(kit, color)
		"sign":
			_sign(kit, color)
		"arch":
			_arch(kit, color)
		"cone":
			kit.box(Vector3.ZERO, Vector3(0.62, 0.07, 0.62), low, color)
			_stack(kit, [Vector2(0.0, 0.24), Vector2(0.34, 0.16)], color, color)
			_stack(kit, [Vector2(0.34, 0.16), Vector2(0.54, 0.11)], Palette.CREAM, Palette.CREAM)
			_stack(kit, [Vector2(0.54, 0.11), Vector2(0.86, 0.03)], color, color)
		"banner":
			_banner(kit, color)
		"light":
			_lantern(kit, color)
		"lamp":
			kit.at = Transform3D(Basis.IDENTITY, Vector3(0.0, -2.81, 0.0))
			_lamp_head(kit, color)
			kit.at = Transform3D.IDENTITY
		"ball":
			kit.ball(Vector3(0, 0.5, 0), Vector3.ONE * 0.5, 8, 12, low, color.lightened(0.12))
		"cylinder":
			kit.prism(Vector3.ZERO, Vector2.ONE * 0.5, Vector2.ONE * 0.5, 1.0, 14, low, color)
		_:
			kit.box(Vector3.ZERO, Vector3.ONE, low, color)
	return kit.commit(Palette.shining() if model == "coin" else Palette.plain())


## Round pieces on top of each other: (height, radius) from the foot up.
static func _stack(kit: Kit, rings: Array[Vector2], low: Color, high: Color) -> void:
	for index in rings.size() - 1:
		var a := rings[index]
		var b := rings[index + 1]
		var foot := Vector3(0.0, a.x, 0.0)
		kit.prism(foot, Vector2(a.y, a.y), Vector2(b.y, b.y), b.x - a.x, 12, low, high)


static func _coin(kit: Kit, color: Color) -> void:
	# A coin stands on its rim; its middle is the entity's place.
	kit.at = Transform3D(Basis(Vector3.RIGHT, PI * 0.5), Vector3(0.0, 0.0, -0.05))
	var rim := Vector2.ONE * 0.42
	kit.prism(Vector3.ZERO, rim, rim, 0.1, 16, color.darkened(0.2), color)
	var face := Vector2.ONE * 0.31
	kit.prism(
		Vector3(0, -0.015, 0), face, face, 0.13, 16, color.lightened(0.2), color.lightened(0.35)
	)
	kit.at = Transform3D.IDENTITY
	kit.box(Vector3(-0.06, -0.17, 0.0), Vector3(0.09, 0.34, 0.17), color.darkened(0.3), color)
	kit.box(Vector3(0.03, -0.17, 0.0), Vector3(0.2, 0.09, 0.17), color.darkened(0.3), color)


static func _pedestal(kit: Kit, color: Color) -> void:
	var stone := Palette.STONE
	_stack(kit, [Vector2(0.0, 0.62), Vector2(0.14, 0.58)], stone.darkened(0.25), stone)
	_stack(kit, [Vector2(0.14, 0.4), Vector2(0.86, 0.34)], stone.darkened(0.12), stone)
	_stack(kit, [Vector2(0.86, 0.36), Vector2(1.0, 0.5)], color.darkened(0.15), color)
	kit.at = Transform3D(Basis(Vector3.UP, 0.785), Vector3(0.0, 1.38, 0.0))
	kit.ball(Vector3.ZERO, Vector3(0.2, 0.26, 0.2), 2, 4, color, color.lightened(0.5))
	kit.at = Transform3D.IDENTITY


static func _crate(kit: Kit, color: Color) -> void:
	kit.box(Vector3(0, 0.03, 0), Vector3.ONE * 0.92, color.darkened(0.3), color.darkened(0.05))
	for x: float in [-0.46, 0.46]:
		for z: float in [-0.46, 0.46]:
			kit.box(Vector3(x, 0.0, z), Vector3(0.12, 0.98, 0.12), color.darkened(0.1), color)
	for y: float in [0.0, 0.86]:
		kit.box(
			Vector3(0, y, 0), Vector3(1.0, 0.12, 1.0), color.darkened(0.08), color.lightened(0.08)
		)


static func _sign(kit: Kit, color: Color) -> void:
	for x: float in [-0.62, 0.62]:
		kit.box(
			Vector3(x, 0.0, 0.0), Vector3(0.1, 2.0, 0.1), Palette.WOOD.darkened(0.3), Palette.WOOD
		)
	kit.box(Vector3(0, 1.1, 0), Vector3(1.6, 0.85, 0.08), Palette.WOOD, Palette.WOOD)
	kit.box(Vector3(0, 1.16, 0), Vector3(1.48, 0.73, 0.12), color.darkened(0.06), color)


static func _arch(kit: Kit, color: Color) -> void:
	var stone := Palette.STONE
	for x: float in [-1.5, 1.5]:
		kit.box(Vector3(x, 0, 0), Vector3(0.62, 0.3, 0.62), stone.darkened(0.3), stone)
		kit.box(Vector3(x, 0.3, 0), Vector3(0.42, 2.4, 0.42), color.darkened(0.2), color)
	for piece in 9:
		var turn := PI * (piece + 0.5) / 9.0
		kit.at = Transform3D(
			Basis(Vector3.BACK, turn - PI * 0.5),
			Vector3(cos(turn) * 1.5, 2.7 + sin(turn) * 1.0, 0.0)
		)
		var tone := color if piece % 2 == 0 else Palette.CREAM
		# Every second piece is thinner: neighbours overlap and must not share a face.
		var deep := 0.46 if piece % 2 == 0 else 0.42
		kit.box(Vector3(0, -0.2, 0), Vector3(0.56, 0.42, deep), tone.darkened(0.08), tone)
	kit.at = Transform3D.IDENTITY


static func _banner(kit: Kit, color: Color) -> void:
	kit.prism(
		Vector3.ZERO, Vector2(0.22, 0.22), Vector2(0.16, 0.16), 0.16, 8, Palette.IRON, Palette.IRON
	)
	kit.prism(
		Vector3.ZERO, Vector2(0.05, 0.05), Vector2(0.04, 0.04), 3.6, 6, Palette.IRON, Palette.WOOD
	)
	kit.box(Vector3(0.42, 3.4, 0), Vector3(0.95, 0.06, 0.06), Palette.WOOD, Palette.WOOD)
	kit.box(Vector3(0.46, 1.6, 0), Vector3(0.76, 1.8, 0.03), color.darkened(0.14), color)
	kit.box(Vector3(0.46, 2.55, 0), Vector3(0.77, 0.34, 0.034), Palette.CREAM, Palette.CREAM)
	kit.ball(Vector3(0, 3.66, 0), Vector3.ONE * 0.09, 4, 6, Palette.GOLD, Palette.GOLD)


static func _lantern(kit: Kit, color: Color) -> void:
	kit.prism(
		Vector3.ZERO, Vector2(0.2, 0.2), Vector2(0.12, 0.12), 0.25, 8, Palette.IRON, Palette.IRON
	)
	kit.prism(
		Vector3.ZERO, Vector2(0.06, 0.06), Vector2(0.045, 0.045), 2.6, 6, Palette.IRON, Palette.IRON
	)
	_lamp_head(kit, color)


static func _lamp_head(kit: Kit, color: Color) -> void:
	kit.box(Vector3(0, 2.6, 0), Vector3(0.24, 0.42, 0.24), color, color.lightened(0.5), 1.3)
	kit.prism(
		Vector3(0, 3.02, 0),
		Vector2(0.26, 0.26),
		Vector2(0.03, 0.03),
		0.18,
		4,
		Palette.IRON,
		Palette.IRON
	)
