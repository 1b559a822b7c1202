extends Control
## A stick and two buttons for fingers; there only on a touch screen.

const Controls := preload("res://scripts/player/controls.gd")
const Palette := preload("res://scripts/world/palette.gd")

const RADIUS := 70.0
const BUTTON := 42.0

var _controls: Controls = null
var _finger := -1
var _knob := Vector2.ZERO


func start(controls: Controls) -> void:
	_controls = controls
	visible = DisplayServer.is_touchscreen_available()
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	mouse_filter = Control.MOUSE_FILTER_IGNORE


func _input(event: InputEvent) -> void:
	if not visible or not _controls.enabled:
		return
	if event is InputEventScreenTouch:
		_touch(event as InputEventScreenTouch)
	elif event is InputEventScreenDrag:
		var drag := event as InputEventScreenDrag
		if drag.index == _finger:
			_move(drag.position)
			get_viewport().set_input_as_handled()


func _touch(touch: InputEventScreenTouch) -> void:
	if not touch.pressed:
		if touch.index == _finger:
			_finger = -1
			_knob = Vector2.ZERO
			_controls.stick = Vector2.ZERO
			queue_redraw()
		return
	if touch.position.distance_to(_stick_at()) < RADIUS * 1.5:
		_finger = touch.index
		_move(touch.position)
	elif touch.position.distance_to(_jump_at()) < BUTTON * 1.2:
		_controls.touch_jump = true
	elif touch.position.distance_to(_use_at()) < BUTTON * 1.2:
		_controls.interact()
	else:
		return
	get_viewport().set_input_as_handled()


func _move(to: Vector2) -> void:
	_knob = (to - _stick_at()).limit_length(RADIUS)
	_controls.stick = _knob / RADIUS
	queue_redraw()


func _draw() -> void:
	draw_circle(_stick_at(), RADIUS, Color(Palette.INK, 0.35))
	draw_circle(_stick_at() + _knob, RADIUS * 0.42, Color(Palette.CREAM, 0.75))
	for spot: Array in [[_jump_at(), "⤒"], [_use_at(), "E"]]:
		draw_circle(spot[0] as Vector2, BUTTON, Color(Palette.INK, 0.45))
		draw_string(
			get_theme_default_font(),
			(spot[0] as Vector2) + Vector2(-9, 10),
			spot[1] as String,
			HORIZONTAL_ALIGNMENT_LEFT,
			-1,
			28,
			Palette.CREAM
		)


func _stick_at() -> Vector2:
	return Vector2(120.0, size.y - 130.0)


func _jump_at() -> Vector2:
	return size - Vector2(80.0, 100.0)


func _use_at() -> Vector2:
	return size - Vector2(180.0, 80.0)
