extends RefCounted
## Meshes of what grows and stands in the streets; each in a fine and a plain form.

const Kit := preload("res://scripts/world/mesh_kit.gd")
const Palette := preload("res://scripts/world/palette.gd")

## Things that are drawn only near the player.
const SMALL: Array[String] = ["tuft", "poppies", "daisies", "bush", "stone", "bollard", "marker"]
## Radius of the post that a thing is for a walker, in metres.
const SOLID: Dictionary[String, float] = {
	"pine": 0.3,
	"cypress": 0.35,
	"round": 0.3,
	"blossom": 0.28,
	"lamp": 0.2,
	"bench": 0.55,
	"planter": 0.62,
	"kiosk": 1.7,
	"stone": 0.3,
	"bollard": 0.16,
}

static var _meshes: Dictionary[String, ArrayMesh] = {}


static func mesh(kind: String, fine: bool) -> ArrayMesh:
	var key := kind + (" fine" if fine else " plain")
	if not _meshes.has(key):
		var kit := Kit.new()
		_build(kit, kind, fine)
		_meshes[key] = kit.commit(Palette.plain())
	return _meshes[key]


static func _build(kit: Kit, kind: String, fine: bool) -> void:
	match kind:
		"pine":
			_trunk(kit, 3.9, 0.24, fine)
			_crown(kit, Vector3(0, 4.35, 0), Vector3(2.3, 0.95, 2.3), Palette.LEAF_DARK, fine)
			if fine:
				_crown(kit, Vector3(0.7, 4.85, 0.3), Vector3(1.3, 0.7, 1.3), Palette.LEAF, fine)
				_crown(
					kit, Vector3(-0.9, 4.15, -0.5), Vector3(1.2, 0.6, 1.2), Palette.LEAF_DARK, fine
				)
		"cypress":
			_trunk(kit, 0.8, 0.2, fine)
			_crown(kit, Vector3(0, 3.4, 0), Vector3(0.78, 2.9, 0.78), Palette.LEAF_DARK, fine)
		"round":
			_trunk(kit, 2.5, 0.2, fine)
			_crown(kit, Vector3(0, 3.5, 0), Vector3(1.55, 1.4, 1.55), Palette.LEAF, fine)
			if fine:
				_crown(
					kit, Vector3(0.8, 4.0, 0.4), Vector3(0.95, 0.85, 0.95), Palette.LEAF_LIGHT, fine
				)
				_crown(
					kit, Vector3(-0.75, 3.15, -0.5), Vector3(0.95, 0.8, 0.95), Palette.LEAF, fine
				)
		"blossom":
			_trunk(kit, 2.1, 0.17, fine)
			_crown(kit, Vector3(0, 3.0, 0), Vector3(1.4, 1.1, 1.4), Palette.BLOSSOM, fine)
			if fine:
				_crown(kit, Vector3(0.7, 3.5, 0.1), Vector3(0.85, 0.7, 0.85), Color("f6c9bb"), fine)
				_crown(kit, Vector3(-0.7, 2.8, 0.5), Vector3(0.8, 0.65, 0.8), Color("e58f96"), fine)
		"lamp":
			_lamp(kit, fine)
		"bench", "planter", "kiosk", "marker", "bollard":
			_furniture(kit, kind)
		_:
			_low(kit, kind)


static func _trunk(kit: Kit, height: float, radius: float, fine: bool) -> void:
	var foot := Vector2.ONE * radius
	var sides := 6 if fine else 3
	kit.prism(
		Vector3.ZERO, foot, foot * 0.6, height, sides, Palette.BARK.darkened(0.25), Palette.BARK
	)


## A crown is darker below, as if lit from the sky.
static func _crown(kit: Kit, at: Vector3, radii: Vector3, tone: Color, fine: bool) -> void:
	var rings := 5 if fine else 3
	var sides := 8 if fine else 5
	kit.ball(at, radii, rings, sides, tone.darkened(0.38), tone.lightened(0.12))


static func _lamp(kit: Kit, fine: bool) -> void:
	var iron := Palette.IRON
	var sides := 8 if fine else 4
	kit.prism(Vector3.ZERO, Vector2.ONE * 0.2, Vector2.ONE * 0.11, 0.5, sides, iron, iron)
	kit.prism(Vector3(0, 0.5, 0), Vector2.ONE * 0.07, Vector2.ONE * 0.05, 3.3, sides, iron, iron)
	if fine:
		kit.box(Vector3(0, 3.35, 0), Vector3(0.7, 0.05, 0.05), iron, iron)
	kit.box(Vector3(0, 3.8, 0), Vector3(0.26, 0.46, 0.26), Palette.LAMP, Color("fff3d6"), 1.35)
	kit.prism(Vector3(0, 4.26, 0), Vector2.ONE * 0.32, Vector2.ONE * 0.04, 0.2, 4, iron, iron)


static func _furniture(kit: Kit, kind: String) -> void:
	var stone := Palette.STONE
	match kind:
		"bench":
			for x: float in [-0.75, 0.75]:
				kit.box(Vector3(x, 0, 0), Vector3(0.16, 0.42, 0.5), stone.darkened(0.3), stone)
			for z: float in [-0.17, 0.0, 0.17]:
				kit.box(Vector3(0, 0.42, z), Vector3(1.9, 0.06, 0.14), Palette.WOOD, Palette.WOOD)
			for y: float in [0.62, 0.8]:
				kit.box(Vector3(0, y, 0.27), Vector3(1.9, 0.12, 0.05), Palette.WOOD, Palette.WOOD)
		"planter":
			kit.box(
				Vector3.ZERO,
				Vector3(1.2, 0.55, 1.2),
				Palette.TERRACOTTA.darkened(0.3),
				Palette.TERRACOTTA,
				1.12
			)
			kit.box(Vector3(0, 0.5, 0), Vector3(1.16, 0.09, 1.16), Palette.EARTH, Palette.EARTH)
			_crown(kit, Vector3(0, 0.85, 0), Vector3(0.55, 0.42, 0.55), Palette.LEAF, true)
			for index in 7:
				var turn := TAU * index / 7.0
				var at := Vector3(cos(turn) * 0.45, 0.9 + 0.12 * sin(index * 2.3), sin(turn) * 0.45)
				var tone := Palette.CORAL if index % 2 == 0 else Palette.GOLD
				kit.ball(at, Vector3.ONE * 0.1, 2, 5, tone, tone)
		"kiosk":
			kit.box(
				Vector3.ZERO, Vector3(2.6, 1.05, 1.8), Palette.TEAL.darkened(0.35), Palette.TEAL
			)
			kit.box(Vector3(0, 1.05, 0), Vector3(2.9, 0.1, 2.1), Palette.WOOD, Palette.WOOD)
			for x: float in [-1.25, 1.25]:
				for z: float in [-0.85, 0.85]:
					kit.box(
						Vector3(x, 1.1, z), Vector3(0.12, 1.3, 0.12), Palette.CREAM, Palette.CREAM
					)
			for stripe in 6:
				var tone := Palette.CORAL if stripe % 2 == 0 else Palette.CREAM
				kit.box(
					Vector3(-1.375 + stripe * 0.55, 2.4, 0),
					Vector3(0.55, 0.22, 2.5),
					tone.darkened(0.1),
					tone,
					0.94
				)
		"marker":
			kit.box(Vector3.ZERO, Vector3(0.3, 0.55, 0.3), stone.darkened(0.3), stone, 0.8)
			kit.box(Vector3(0, 0.55, 0), Vector3(0.26, 0.05, 0.26), Palette.GOLD, Palette.GOLD)
		"bollard":
			kit.prism(
				Vector3.ZERO,
				Vector2.ONE * 0.15,
				Vector2.ONE * 0.11,
				0.75,
				7,
				stone.darkened(0.35),
				stone
			)
			kit.ball(Vector3(0, 0.78, 0), Vector3.ONE * 0.14, 3, 7, stone, stone)


static func _low(kit: Kit, kind: String) -> void:
	match kind:
		"bush":
			_crown(kit, Vector3(0, 0.3, 0), Vector3(0.6, 0.5, 0.6), Palette.LEAF, false)
			_crown(kit, Vector3(0.4, 0.2, 0.25), Vector3(0.4, 0.35, 0.4), Palette.LEAF_LIGHT, false)
		"tuft":
			_blades(kit, Palette.GRASS_DEEP, Palette.LEAF_LIGHT, 7, 0.42)
		"poppies":
			_blades(kit, Palette.GRASS_DEEP, Palette.GRASS, 5, 0.3)
			_petals(kit, Palette.CORAL)
		"daisies":
			_blades(kit, Palette.GRASS_DEEP, Palette.GRASS, 5, 0.3)
			_petals(kit, Palette.CREAM)
		"stone":
			kit.ball(
				Vector3(0, 0.12, 0),
				Vector3(0.42, 0.3, 0.34),
				2,
				5,
				Palette.STONE_DARK.darkened(0.3),
				Palette.STONE
			)


static func _blades(kit: Kit, low: Color, high: Color, count: int, height: float) -> void:
	for index in count:
		var turn := TAU * index / count + index * 0.7
		var out := Vector3(cos(turn), 0.0, sin(turn))
		var side := Vector3(-out.z, 0.0, out.x) * 0.05
		var foot := out * 0.12
		var tip := out * 0.3 + Vector3(0, height * (0.7 + 0.3 * sin(index * 3.1)), 0)
		kit.tri(foot - side, foot + side, tip, low, low, high)
		kit.tri(foot + side, foot - side, tip, low, low, high)


static func _petals(kit: Kit, tone: Color) -> void:
	for index in 5:
		var turn := TAU * index / 5.0 + index
		var away := 0.12 + 0.13 * (index % 3)
		var at := Vector3(cos(turn) * away, 0.3 + 0.07 * (index % 2), sin(turn) * away)
		kit.ball(at, Vector3(0.075, 0.05, 0.075), 2, 5, tone.darkened(0.15), tone)
