extends Node3D
## One thing of a game, as the host describes it.

const Wire := preload("res://scripts/net/wire.gd")
const Fields := preload("res://scripts/net/fields.gd")
const Models := preload("res://scripts/world/entity_models.gd")
const Labels := preload("res://scripts/world/labels.gd")
const Palette := preload("res://scripts/world/palette.gd")

const LABEL_RANGE := 14.0
const HANGS_M := 1.0
## The face of a sign: width and height in metres, its middle, and how far its faces stand off.
const BOARD := Vector2(1.36, 0.64)
const BOARD_Y := 1.525
const BOARD_Z := 0.066

var id := 0
var placement := 0
var model := "box"
var color := Color.WHITE
var verb := ""
var text := ""
## What the prompt says; empty: the label.
var prompt := ""
var reach := Wire.REACH_M
var tags: Array[String] = []
## Of its floating text; below 0: above the model.
var label_height := -1.0
var label_color := Palette.CREAM
## Where it stands, in the wire's metres.
var at := Vector3.ZERO

var _spin := 0.0
var _bob := 0.0
var _bob_s := 2.4
## The way that it is drawn on: to here, in so many seconds, for how long already.
var _way_to := Vector3.ZERO
var _way_s := 0.0
var _way_age := 0.0
var _way_back := false
var _age := 0.0
var _grown := 0.0
var _stretch := Vector3.ONE
var _size := 1.0
var _shape := MeshInstance3D.new()
var _label: Label3D = null
var _back: Label3D = null
var _halo: MeshInstance3D = null


## Takes the fields that `facts` holds; the others stay as they are.
func take(facts: Dictionary) -> void:
	var before := _stretch
	placement = Fields.whole(facts, "placement", placement)
	model = Fields.text(facts, "model", model).left(32)
	color = Fields.color(facts, "color", color)
	verb = Fields.text(facts, "verb", verb).left(32)
	text = Fields.text(facts, "label", text).left(120)
	label_height = clampf(Fields.number(facts, "label_height", label_height), -1.0, 64.0)
	if facts.has("label_color"):
		label_color = Fields.color(facts, "label_color", Palette.CREAM)
	prompt = Fields.text(facts, "prompt", prompt).left(80)
	reach = clampf(Fields.number(facts, "reach", reach), 0.5, 50.0)
	at = Fields.vector(facts, "at", at)
	_stretch = Fields.vector(facts, "scale", Vector3.ONE * Fields.number(facts, "scale", 0.0))
	if _stretch == Vector3.ZERO:
		_stretch = before
	_stretch = _stretch.clampf(0.05, 30.0)
	_size = _stretch.y
	_spin = clampf(_rate(facts, "spin", _spin, 2.0), -20.0, 20.0)
	_bob = clampf(_rate(facts, "bob", _bob, 0.12), 0.0, 2.0)
	_bob_s = clampf(Fields.number(facts, "bob_seconds", _bob_s), 0.1, 60.0)
	if facts.has("way"):
		_set_out(Fields.object(facts, "way"))
	if facts.has("tags"):
		tags = Fields.words(facts, "tags")
	rotation.y = Fields.number(facts, "yaw", rotation.y)
	position = drawn_at()
	# A light that hangs has no post.
	var hangs := model == "light" and at.y > HANGS_M
	_shape.mesh = Models.mesh("lamp" if hangs else model, color)
	_shape.scale = _stretch
	_write()
	if facts.has("light"):
		_shine(facts)


func advance(delta: float, viewer: Vector3) -> void:
	_age += delta
	_grown = minf(1.0, _grown + delta * 3.5)
	var grown := 1.0 - pow(1.0 - _grown, 3.0)
	_shape.scale = _stretch * maxf(grown, 0.01)
	_shape.rotation.y += _spin * delta
	_shape.position.y = sin(_age * TAU / _bob_s + id) * _bob
	if _way_s > 0.0:
		_way_age += delta
		position = drawn_at()
	if _label != null and _back == null:
		_label.visible = viewer.distance_squared_to(at) < LABEL_RANGE * LABEL_RANGE


## Where it is drawn: `at`, or somewhere on its way.
func drawn_at() -> Vector3:
	if _way_s <= 0.0:
		return at
	var gone := _way_age / _way_s
	return at.lerp(_way_to, pingpong(gone, 1.0) if _way_back else minf(gone, 1.0))


func solid_radius() -> float:
	return Models.solid_radius(model) * maxf(_stretch.x, _stretch.z)


func _init() -> void:
	add_child(_shape)


## {to, seconds, loop, age}; an empty one ends the way.
func _set_out(way: Dictionary) -> void:
	_way_to = Fields.vector(way, "to", at)
	_way_s = clampf(Fields.number(way, "seconds", 0.0), 0.0, 600.0)
	_way_age = maxf(0.0, Fields.number(way, "age"))
	_way_back = Fields.flag(way, "loop")


## A number, or true for the usual amount.
func _rate(facts: Dictionary, key: String, default: float, usual: float) -> float:
	if facts.get(key) is bool:
		return usual if Fields.flag(facts, key) else 0.0
	return Fields.number(facts, key, default)


func _write() -> void:
	for old: Label3D in [_label, _back]:
		if old != null and (text.is_empty() or (_back != null) != (model == "sign")):
			old.queue_free()
			_label = null
			_back = null
	if text.is_empty():
		return
	if model == "sign":
		_write_on_board()
		return
	if _label == null:
		_label = Labels.floating(text, 0.24, Palette.CREAM)
		_label.width = 900.0
		_label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
		add_child(_label)
	_label.text = text
	_label.modulate = label_color
	_label.position.y = label_height if label_height >= 0.0 else Models.top(model) * _size + 0.25


## Words on both faces of a sign, as large as they fit.
func _write_on_board() -> void:
	if _label == null:
		_label = Labels.flat(text, 0.2, Palette.CREAM)
		_back = Labels.flat(text, 0.2, Palette.CREAM)
		for face: Label3D in [_label, _back]:
			face.outline_size = 0
			face.double_sided = false
			face.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
			add_child(face)
		_back.rotation.y = PI
	var board := BOARD * Vector2(_stretch.x, _stretch.y)
	# A letter is about 0.6 of its height wide, a line 1.4 high, and lines are never quite full.
	var height := sqrt(board.x * board.y / (0.6 * 1.4 * 1.25 * maxf(text.length(), 6.0)))
	height = clampf(height, 0.06, board.y * 0.4)
	for face: Label3D in [_label, _back]:
		face.text = text
		face.modulate = label_color
		face.pixel_size = height / 64.0
		face.width = board.x / face.pixel_size
		face.position.y = BOARD_Y * _stretch.y
	_label.position.z = BOARD_Z * _stretch.z
	_back.position.z = -BOARD_Z * _stretch.z


## `light` is {color, ...}, a colour, or true; {} or false takes it away.
func _shine(facts: Dictionary) -> void:
	var given := Fields.object(facts, "light")
	var tint := Fields.color(facts, "light", Fields.color(given, "color", color))
	var strength := 1.0
	if (facts["light"] is Dictionary and given.is_empty()) or facts["light"] is bool:
		strength = 1.0 if Fields.flag(facts, "light") else 0.0
	if _halo != null:
		_halo.queue_free()
		_halo = null
	if strength <= 0.0:
		return
	var quad := QuadMesh.new()
	quad.size = Vector2.ONE * 2.4 * _size * clampf(strength, 0.3, 2.0)
	quad.material = Palette.glow(Color(tint, 0.55), true)
	_halo = MeshInstance3D.new()
	_halo.mesh = quad
	_halo.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	var middle := model == "coin" or (model == "light" and at.y > HANGS_M)
	_halo.position.y = 0.0 if middle else Models.top(model) * _size * 0.8
	add_child(_halo)
