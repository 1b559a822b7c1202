extends Node3D
## A low-poly person, 1.75 m tall, that walks, runs, jumps and cheers by moving its limbs.

const Wire := preload("res://scripts/net/wire.gd")
const Kit := preload("res://scripts/world/mesh_kit.gd")
const Palette := preload("res://scripts/world/palette.gd")

const HIP := 0.86
const SHOULDER := 1.34
const NECK := 1.43
const CHEER_S := 2.5
const SKINS: Array[Color] = [
	Color("f3cfae"), Color("e0ac82"), Color("c68b5e"), Color("9b6440"), Color("6d4530")
]
const HAIRS: Array[Color] = [
	Color("3a2a24"),
	Color("6b4328"),
	Color("b9803f"),
	Color("e3c07a"),
	Color("242833"),
	Color("a34a32")
]
const TROUSERS: Array[Color] = [
	Color("41526b"), Color("5b4a4f"), Color("6f6a57"), Color("38564f"), Color("d9c7a2")
]
## Looks are few, so that meshes are shared; the key is the seed and the coat colour.
const LOOKS := 120

static var _cache: Dictionary[String, Array] = {}

var _parts: Array[MeshInstance3D] = []
var _pivots: Array[Node3D] = []
var _trunk := Node3D.new()
var _stride := 0.0
var _swing := 0.0
var _lift := 0.0
var _cheer := 0.0
var _breath := 0.0
var _cheer_left := 0.0
var _gesture := "cheer"


## `look` chooses face, hair and trousers; `coat` is the colour the host gave.
func dress(look: int, coat: Color) -> void:
	var key := "%d %s" % [posmod(look, LOOKS), coat.to_html(false)]
	if not _cache.has(key):
		_cache[key] = _build(posmod(look, LOOKS), coat)
	for part in _parts.size():
		_parts[part].mesh = _cache[key][part]


## Plays a gesture for a while: wave, dance, and cheer for every other name.
func gesture(name: String) -> void:
	_gesture = name if name in ["wave", "dance"] else "cheer"
	_cheer_left = CHEER_S


## Moves the limbs: `speed` in m/s over the ground, `anim` one of the wire's states.
func animate(delta: float, speed: float, anim: int) -> void:
	var airborne := anim == Wire.ANIM_AIR
	var target := 0.0 if airborne else clampf(speed / Wire.WALK_SPEED, 0.0, 1.6)
	_swing = lerpf(_swing, target, minf(1.0, delta * 10.0))
	_lift = lerpf(_lift, 1.0 if airborne else 0.0, minf(1.0, delta * 12.0))
	_cheer_left -= delta
	if anim == Wire.ANIM_CHEER and _cheer_left <= 0.0:
		_gesture = "cheer"
	var joy := 1.0 if anim == Wire.ANIM_CHEER or _cheer_left > 0.0 else 0.0
	_cheer = lerpf(_cheer, joy, minf(1.0, delta * 8.0))
	_stride = fposmod(_stride + delta * (2.2 + speed * 1.25) * minf(1.0, _swing * 2.0), TAU)
	_breath = fposmod(_breath + delta * 1.6, TAU)
	var wave := sin(_stride)
	var reach := 0.62 * _swing
	_pivots[0].rotation.x = wave * reach + _lift * 0.5
	_pivots[1].rotation.x = -wave * reach - _lift * 0.7
	var arms := wave * reach * 0.9
	var wag := sin(_breath * 6.0) * 0.25
	var left := Vector3(2.6 + wag, 0.0, 0.0)
	var right := Vector3(2.6 - wag, 0.0, 0.0)
	_trunk.rotation.z = 0.0
	match _gesture:
		"wave":
			left = Vector3.ZERO
			right = Vector3(2.8, 0.0, 0.25 + wag * 1.8)
		"dance":
			left = Vector3(1.3 + wag * 4.0, 0.0, -0.5)
			right = Vector3(1.3 - wag * 4.0, 0.0, 0.5)
			_trunk.rotation.z = _cheer * wag * 0.5
	_pivots[2].rotation = Vector3(-arms, 0.0, -0.07 - _lift * 0.8) + left * _cheer
	_pivots[3].rotation = Vector3(arms, 0.0, 0.07 + _lift * 0.8) + right * _cheer
	_trunk.position.y = (
		absf(wave) * 0.045 * _swing + sin(_breath) * 0.006 + _cheer * absf(wag) * 0.3
	)
	_trunk.rotation.x = -0.07 * _swing * maxf(0.0, _swing - 0.2)
	_pivots[4].rotation.y = sin(_breath * 0.5) * 0.12 * (1.0 - minf(1.0, _swing))


## Draws the whole body with `material` (null: as it is dressed).
func cover(material: Material) -> void:
	for part in _parts:
		part.material_override = material


func _init() -> void:
	add_child(_trunk)
	var joints: Array[Vector3] = [
		Vector3(-0.105, HIP, 0.0),
		Vector3(0.105, HIP, 0.0),
		Vector3(-0.245, SHOULDER, 0.0),
		Vector3(0.245, SHOULDER, 0.0),
		Vector3(0.0, NECK, 0.0),
		Vector3.ZERO
	]
	for joint in joints:
		var pivot := Node3D.new()
		pivot.position = joint
		_trunk.add_child(pivot)
		_pivots.append(pivot)
		var part := MeshInstance3D.new()
		pivot.add_child(part)
		_parts.append(part)


static func _build(look: int, coat: Color) -> Array:
	var skin := SKINS[look % SKINS.size()]
	var hair := HAIRS[(look / 5) % HAIRS.size()]
	var trousers := TROUSERS[(look / 3) % TROUSERS.size()]
	var leg := _leg(trousers)
	var arm := _arm(coat, skin)
	return [leg, leg, arm, arm, _head(skin, hair, look), _torso(coat, trousers, look)]


static func _leg(cloth: Color) -> ArrayMesh:
	var kit := Kit.new()
	kit.prism(
		Vector3(0, -0.78, 0),
		Vector2(0.07, 0.075),
		Vector2(0.1, 0.11),
		0.8,
		7,
		cloth.darkened(0.18),
		cloth
	)
	var shoe := Color("f0e4cf")
	kit.box(Vector3(0, -HIP, -0.045), Vector3(0.15, 0.1, 0.29), shoe.darkened(0.5), shoe, 0.8)
	return kit.commit(Palette.plain())


static func _arm(cloth: Color, skin: Color) -> ArrayMesh:
	var kit := Kit.new()
	var sleeve := Vector2(0.062, 0.066)
	kit.prism(Vector3(0, -0.5, 0), sleeve * 0.85, sleeve * 1.2, 0.5, 7, cloth.darkened(0.12), cloth)
	kit.ball(Vector3(0, 0.0, 0), Vector3(0.078, 0.075, 0.08), 4, 7, cloth, cloth)
	kit.ball(Vector3(0, -0.555, 0), Vector3(0.062, 0.085, 0.07), 4, 6, skin.darkened(0.1), skin)
	return kit.commit(Palette.plain())


static func _torso(coat: Color, trousers: Color, look: int) -> ArrayMesh:
	var kit := Kit.new()
	var accent := coat.lerp(Palette.CREAM, 0.75)
	var waist := Vector2(0.19, 0.13)
	kit.prism(Vector3(0, 0.78, 0), waist * 0.98, waist, 0.16, 9, trousers.darkened(0.2), trousers)
	kit.prism(
		Vector3(0, 0.92, 0), waist * 1.08, Vector2(0.245, 0.15), 0.36, 9, coat.darkened(0.16), coat
	)
	kit.prism(Vector3(0, 1.28, 0), Vector2(0.245, 0.15), Vector2(0.13, 0.1), 0.14, 9, coat, coat)
	# A scarf or a belt bag, so that people differ from afar.
	if look % 2 == 0:
		kit.prism(
			Vector3(0, 1.375, 0),
			Vector2(0.15, 0.125),
			Vector2(0.115, 0.1),
			0.085,
			9,
			accent,
			accent
		)
	else:
		kit.box(Vector3(0, 0.92, 0), Vector3(0.415, 0.05, 0.29), accent, accent)
		kit.box(
			Vector3(0.0, 0.96, 0.17), Vector3(0.3, 0.36, 0.12), accent.darkened(0.25), accent, 0.8
		)
	return kit.commit(Palette.plain())


static func _head(skin: Color, hair: Color, look: int) -> ArrayMesh:
	var kit := Kit.new()
	kit.prism(Vector3(0, -0.05, 0), Vector2(0.06, 0.06), Vector2(0.06, 0.06), 0.12, 7, skin, skin)
	kit.ball(Vector3(0, 0.17, 0), Vector3(0.135, 0.16, 0.145), 7, 10, skin.darkened(0.08), skin)
	for side: float in [-1.0, 1.0]:
		kit.ball(
			Vector3(0.05 * side, 0.185, -0.134), Vector3.ONE * 0.017, 3, 5, Palette.INK, Palette.INK
		)
	kit.ball(Vector3(0, 0.15, -0.148), Vector3(0.018, 0.022, 0.02), 3, 5, skin.darkened(0.1), skin)
	var dark := hair.darkened(0.2)
	kit.at = Transform3D(Basis(Vector3.RIGHT, 0.38), Vector3(0, 0.19, 0.012))
	kit.ball(Vector3.ZERO, Vector3(0.155, 0.165, 0.162), 4, 10, dark, hair, 0.02, 1.0)
	kit.at = Transform3D.IDENTITY
	match look % 3:
		0:
			kit.ball(Vector3(0, 0.36, 0.05), Vector3(0.075, 0.07, 0.075), 4, 7, dark, hair)
		1:
			kit.ball(Vector3(0, 0.09, 0.085), Vector3(0.14, 0.19, 0.08), 5, 9, dark, hair)
		2:
			kit.at = Transform3D(Basis(Vector3.RIGHT, -0.12), Vector3(0, 0.27, -0.06))
			kit.prism(Vector3.ZERO, Vector2(0.15, 0.17), Vector2(0.1, 0.12), 0.06, 8, dark, hair)
	return kit.commit(Palette.plain())
