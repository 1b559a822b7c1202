extends Node3D
## Another player: body, name plate and the words just spoken.

const Body := preload("res://scripts/player/avatar_body.gd")
const Labels := preload("res://scripts/world/labels.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Track := preload("res://scripts/world/track.gd")

const FADE_S := 0.5
const PLATE_M := 32.0
const SPEECH_S := 6.0

var cell := 0
var track: Track = Track.new()
var body: Body = null

var _plate := Labels.floating("", 0.2, Palette.CREAM)
var _speech: Label3D = null
var _speech_left := 0.0
var _age := 0.0
var _veil: StandardMaterial3D = null
var _look := 0
var _coat := Palette.TEAL


func introduce(id: int, name: String, coat: Color) -> void:
	_look = id
	_coat = coat
	_plate.text = name
	if body != null:
		body.dress(_look, _coat)


func speak(text: String) -> void:
	if _speech == null:
		_speech = Labels.floating("", 0.21, Palette.INK)
		_speech.outline_modulate = Palette.CREAM
		_speech.outline_size = 22
		_speech.width = 620.0
		_speech.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
		_speech.vertical_alignment = VERTICAL_ALIGNMENT_BOTTOM
		_speech.position.y = 2.35
		add_child(_speech)
	_speech.text = text
	_speech_left = SPEECH_S


## Shows the state of host time `when`; `sunk` is how far the ground there lies lower.
func advance(delta: float, when: float, viewer: Vector3, sunk: Callable) -> void:
	track.sample(when)
	position = (
		track.at + Vector3(0.0, sunk.call(track.at) as float if sunk.is_valid() else 0.0, 0.0)
	)
	var away := position.distance_to(viewer)
	_plate.visible = away < PLATE_M
	_speech_left -= delta
	if _speech != null:
		_speech.visible = _speech_left > 0.0
	if body == null:
		return
	body.rotation.y = track.yaw
	body.animate(delta, track.speed, track.anim)
	if _veil != null:
		_age += delta
		_veil.albedo_color.a = clampf(_age / FADE_S, 0.0, 1.0)
		if _age >= FADE_S:
			body.cover(null)
			_veil = null


## Far avatars have no body of their own; the crowd draws them as one.
func set_near(near: bool) -> void:
	if near and body == null:
		body = Body.new()
		body.dress(_look, _coat)
		add_child(body)
		if _age < FADE_S:
			_veil = Palette.plain().duplicate() as StandardMaterial3D
			_veil.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
			_veil.albedo_color.a = 0.0
			body.cover(_veil)
	elif not near and body != null:
		body.queue_free()
		body = null


func coat() -> Color:
	return _coat


func _init() -> void:
	_plate.position.y = 2.02
	add_child(_plate)
