extends Control
## Panels that games show: a tree of columns, rows, texts and buttons, told back by id.

signal used(placement: int, id: String, value: Variant)
signal opened_changed(open: bool)

const Fields := preload("res://scripts/net/fields.gd")
const Look := preload("res://scripts/ui/look.gd")

const DEPTH := 8
const NODES := 200
const PANELS := 4

var _panels: Dictionary[String, Control] = {}
## Panel key -> {node id -> control}.
var _nodes: Dictionary[String, Dictionary] = {}
var _left := 0


func take(message: Dictionary) -> void:
	var placement := Fields.whole(message, "placement")
	var id := Fields.text(message, "id")
	var key := "%d/%s" % [placement, id]
	match message["t"]:
		"ui_show":
			_close(key)
			if _panels.size() < PANELS:
				_show(key, placement, Fields.object(message, "tree"))
		"ui_update":
			_update(placement, id, Fields.object(message, "set"))
		"ui_close":
			for open: String in _panels.keys():
				if open == key or (id.is_empty() and open.begins_with("%d/" % placement)):
					_close(open)
	opened_changed.emit(is_open())


func close_all() -> void:
	for key: String in _panels.keys():
		_close(key)
	opened_changed.emit(false)


## Whether a panel waits for a choice; a panel of mere words leaves the keys to the walker.
func is_open() -> bool:
	for key in _panels:
		if _first_button(_panels[key]) != null:
			return true
	return false


func _init() -> void:
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	mouse_filter = Control.MOUSE_FILTER_IGNORE


func _show(key: String, placement: int, tree: Dictionary) -> void:
	_left = NODES
	_nodes[key] = {}
	var centre := CenterContainer.new()
	centre.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	centre.mouse_filter = Control.MOUSE_FILTER_IGNORE
	var panel := PanelContainer.new()
	panel.add_child(_build(key, placement, tree, 0))
	centre.add_child(panel)
	add_child(centre)
	_panels[key] = centre
	var first := _first_button(panel)
	if first != null:
		first.grab_focus()


func _build(key: String, placement: int, node: Dictionary, depth: int) -> Control:
	_left -= 1
	var made: Control = Control.new()
	if depth > DEPTH or _left < 0:
		return made
	for kind: String in ["column", "row", "text", "button"]:
		if not node.has(kind):
			continue
		made.free()
		made = _part(key, placement, node, kind, depth)
		break
	var id := Fields.text(node, "id")
	if not id.is_empty():
		_nodes[key][id] = made
	return made


func _part(key: String, placement: int, node: Dictionary, kind: String, depth: int) -> Control:
	match kind:
		"column", "row":
			var box: BoxContainer = VBoxContainer.new() if kind == "column" else HBoxContainer.new()
			var children: Variant = node[kind]
			if children is Array:
				for child: Variant in children as Array:
					if child is Dictionary:
						box.add_child(_build(key, placement, child as Dictionary, depth + 1))
			return box
		"text":
			var words := Look.label(Fields.text(node, "text").left(500))
			words.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
			words.custom_minimum_size.x = 260.0
			return words
	var button := Button.new()
	button.text = Fields.text(node, "button", Fields.text(node, "label")).left(60)
	var id := Fields.text(node, "id")
	var value: Variant = node.get("value")
	button.pressed.connect(
		func() -> void:
			used.emit(placement, id, value)
			_close(key)
			opened_changed.emit(is_open())
	)
	return button


func _update(placement: int, id: String, facts: Dictionary) -> void:
	for key in _nodes:
		if not key.begins_with("%d/" % placement) or not _nodes[key].has(id):
			continue
		var node: Control = _nodes[key][id]
		if facts.has("text") and (node is Label or node is Button):
			node.set("text", Fields.text(facts, "text").left(500))
		if facts.has("visible"):
			node.visible = Fields.flag(facts, "visible", true)


func _close(key: String) -> void:
	if _panels.has(key):
		_panels[key].queue_free()
		_panels.erase(key)
		_nodes.erase(key)


func _first_button(within: Node) -> Button:
	for child in within.get_children():
		if child is Button:
			return child as Button
		var deeper := _first_button(child)
		if deeper != null:
			return deeper
	return null
