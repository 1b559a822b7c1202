extends HBoxContainer
## What the player may do in the game around: a button for each action, with its key.

signal pressed(action: String)

const Fields := preload("res://scripts/net/fields.gd")

const MOST := 6

var _names: Array[String] = []


## `actions` are {name, label}; they replace those that were there.
func take(actions: Array) -> void:
	clear()
	for facts: Variant in actions:
		if not facts is Dictionary or _names.size() >= MOST:
			continue
		var action := Fields.text(facts as Dictionary, "name").left(64)
		if not action.is_empty():
			_add(action, Fields.text(facts as Dictionary, "label", action).left(40))


func clear() -> void:
	_names.clear()
	for old in get_children():
		remove_child(old)
		old.queue_free()


func count() -> int:
	return _names.size()


## The key of the action at `index`, from 0; false when there is none.
func press(index: int) -> bool:
	if index < 0 or index >= _names.size():
		return false
	pressed.emit(_names[index])
	return true


func _init() -> void:
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	alignment = BoxContainer.ALIGNMENT_CENTER


func _add(action: String, label: String) -> void:
	var button := Button.new()
	_names.append(action)
	button.text = "%d  %s" % [_names.size(), label]
	button.accessibility_name = label
	# The keys go on walking.
	button.focus_mode = Control.FOCUS_NONE
	button.pressed.connect(func() -> void: pressed.emit(action))
	add_child(button)
