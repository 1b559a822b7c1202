extends RefCounted
## One panel of a game: a tree of plain nodes becomes controls, found again by id.
## Trees come from strangers: what does not fit is left out, and nothing here trusts a type.

signal used(id: String, value: Variant)

const Fields := preload("res://scripts/net/fields.gd")
const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Parts := preload("res://scripts/ui/ui_parts.gd")

const DEPTH := 8
const NODES := 128
const OPTIONS := 32
const TEXT := 1000
const SHAPES := 6
## Pause between two messages of a slider that is being moved.
const SLIDE_S := 0.2

## The panel's content.
var root: Control = null

var _by_id: Dictionary[String, Control] = {}
var _nodes_left := NODES
var _shapes_left := SHAPES
var _scale := 1.0


## `scale` is the player's size of letters.
func build(tree: Dictionary, scale: float) -> Control:
	_scale = scale
	root = _node(tree, 0)
	if root == null:
		root = Control.new()
	return root


## Changes the node of that id; false when this tree has none.
func update(id: String, change: Dictionary) -> bool:
	if not _by_id.has(id):
		return false
	_change(_by_id[id], change)
	return true


func holds(id: String) -> bool:
	return _by_id.has(id)


## The first control that the keyboard can reach, or null.
func first() -> Control:
	return _first(root)


func _node(node: Dictionary, depth: int) -> Control:
	_nodes_left -= 1
	if depth >= DEPTH or _nodes_left < 0:
		return null
	var made := _made(node, Fields.text(node, "kind"), depth)
	if made == null:
		return null
	var id := Fields.text(node, "id").left(64)
	if not id.is_empty():
		_by_id[id] = made
	_change(made, node)
	_name(made, Fields.text(node, "label"))
	return made


func _made(node: Dictionary, kind: String, depth: int) -> Control:
	var made: Control = null
	match kind:
		"column", "row", "grid", "list":
			made = _box(node, kind, depth)
		"text":
			made = Parts.words(Fields.text(node, "role"))
		"image", "model":
			made = _shape(node)
		"button":
			made = _button(node)
		"input":
			made = _input(node)
		"choice":
			made = _choice(node)
		"slider":
			made = _slider(node)
		"progress":
			made = Parts.progress(node)
	return made


func _box(node: Dictionary, kind: String, depth: int) -> Control:
	var box: Container = null
	match kind:
		"row":
			box = HBoxContainer.new()
		"grid":
			var grid := GridContainer.new()
			grid.columns = clampi(Fields.whole(node, "columns", 2), 1, 12)
			box = grid
		_:
			box = VBoxContainer.new()
	var children: Variant = node.get("children")
	if children is Array:
		for child: Variant in children as Array:
			if _nodes_left <= 0:
				break
			var made: Control = (
				_node(child as Dictionary, depth + 1) if child is Dictionary else null
			)
			if made != null:
				box.add_child(made)
	return Parts.scroll(box, 280.0 * _scale) if kind == "list" else box


func _shape(node: Dictionary) -> Control:
	var name := Fields.text(node, "text")
	if Parts.is_shape(name) and _shapes_left > 0:
		_shapes_left -= 1
		var side := 72.0 * clampf(Fields.number(node, "size", 1.0), 0.5, 4.0) * _scale
		return Parts.shape(name, Fields.color(node, "color", Palette.GOLD), roundi(side))
	var words := Parts.words("note")
	words.set_meta("caption_is_text", true)
	return words


func _button(node: Dictionary) -> Control:
	var button := Button.new()
	button.custom_minimum_size.x = 96.0 * _scale
	var id := Fields.text(node, "id").left(64)
	button.pressed.connect(func() -> void: used.emit(id, _value(button)))
	return button


func _input(node: Dictionary) -> Control:
	var entry := LineEdit.new()
	entry.max_length = TEXT
	entry.custom_minimum_size.x = 220.0 * _scale
	entry.placeholder_text = Fields.text(node, "text").left(80)
	entry.set_meta("keeps_text", true)
	var id := Fields.text(node, "id").left(64)
	var told := [Fields.text(node, "value")]
	var tell := func() -> void:
		if entry.text != told[0]:
			told[0] = entry.text
			used.emit(id, entry.text)
	entry.text_submitted.connect(func(_text: String) -> void: tell.call())
	entry.focus_exited.connect(tell)
	return Parts.captioned(entry)


func _choice(node: Dictionary) -> Control:
	var list := OptionButton.new()
	for word in Fields.words(node, "options").slice(0, OPTIONS):
		list.add_item(word.left(120))
	list.disabled = list.item_count == 0
	var id := Fields.text(node, "id").left(64)
	list.item_selected.connect(func(index: int) -> void: used.emit(id, list.get_item_text(index)))
	return Parts.captioned(list)


func _slider(node: Dictionary) -> Control:
	var slider := HSlider.new()
	slider.custom_minimum_size.x = 200.0 * _scale
	slider.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	Parts.bounds(slider, node)
	var id := Fields.text(node, "id").left(64)
	var pending := [false]
	slider.value_changed.connect(
		func(_value: float) -> void:
			if pending[0] or not slider.is_inside_tree():
				return
			pending[0] = true
			await slider.get_tree().create_timer(SLIDE_S).timeout
			pending[0] = false
			used.emit(id, slider.value)
	)
	return Parts.captioned(slider)


func _change(made: Control, change: Dictionary) -> void:
	if change.has("label"):
		Parts.caption(made, Fields.text(change, "label").left(120))
	if change.has("text"):
		_set_text(made, Fields.text(change, "text").left(TEXT))
	if change.has("value"):
		_set_value(made, change["value"])
	if change.get("color") is String:
		Parts.tint(made, Fields.color(change, "color", Look.TEXT))
	if change.has("size") and not Parts.core(made) is TextureRect:
		var size := clampf(Fields.number(change, "size", 1.0), 0.5, 4.0)
		Parts.core(made).add_theme_font_size_override(
			"font_size", roundi(Look.BASE * size * _scale)
		)
	if change.get("enabled") is bool:
		Parts.enable(made, change["enabled"] as bool)
	if change.get("hidden") is bool:
		made.set_meta("hidden", change["hidden"])
	made.visible = not made.get_meta("hidden", false) as bool and not Parts.is_blank(made)


func _set_text(made: Control, text: String) -> void:
	var core := Parts.core(made)
	if core is Label and not made.has_meta("caption_is_text"):
		Parts.write(core as Label, text, _scale)
	elif core is Button and not core is OptionButton:
		(core as Button).text = text.left(120)


func _set_value(made: Control, value: Variant) -> void:
	var core := Parts.core(made)
	var is_number: bool = (value is float or value is int) and is_finite(value as float)
	if core is OptionButton:
		Parts.select(core as OptionButton, value)
	elif core is Button:
		core.set_meta("value", value if is_number or value is String or value is bool else null)
	elif core is LineEdit and value is String:
		(core as LineEdit).text = (value as String).left(TEXT)
	elif core is Range and is_number:
		(core as Range).set_value_no_signal(value as float)
		Parts.count(core as Range)


func _name(made: Control, label: String) -> void:
	if not label.is_empty():
		Parts.core(made).accessibility_name = label.left(120)


## What a button answers with; nothing when the game gave nothing.
static func _value(button: Button) -> Variant:
	return button.get_meta("value") if button.has_meta("value") else null


static func _first(within: Control) -> Control:
	if within.focus_mode == Control.FOCUS_ALL and Parts.takes_keys(within):
		return within
	for child in within.get_children():
		var found: Control = _first(child as Control) if child is Control else null
		if found != null:
			return found
	return null
