extends Control
## Panels that games show (see `ui_tree.gd`): where they stand, which of them holds the keys.

signal used(placement: int, id: String, value: Variant)
signal opened_changed(open: bool)

const Fields := preload("res://scripts/net/fields.gd")
const Look := preload("res://scripts/ui/look.gd")
const Parts := preload("res://scripts/ui/ui_parts.gd")
const UiTree := preload("res://scripts/ui/ui_tree.gd")

const PANELS := 6
const MARGIN := 18.0
## After the player has closed a game's page, that game opens none for so long.
const QUIET_MS := 3000
const SPOTS: Dictionary[String, Control.LayoutPreset] = {
	"center": Control.PRESET_CENTER,
	"top": Control.PRESET_CENTER_TOP,
	"bottom": Control.PRESET_CENTER_BOTTOM,
	"left": Control.PRESET_CENTER_LEFT,
	"right": Control.PRESET_CENTER_RIGHT,
}

var text_scale := 1.0

var _panels: Dictionary[String, Shown] = {}
var _spots: Dictionary[String, VBoxContainer] = {}
var _quiet_until: Dictionary[int, int] = {}


class Shown:
	var placement := 0
	var tree: UiTree = UiTree.new()
	var frame := PanelContainer.new()
	## Whether it stands in the middle and takes the keys until it is closed.
	var page := false


func take(message: Dictionary) -> void:
	var placement := Fields.whole(message, "placement")
	var id := Fields.text(message, "id").left(64)
	var key := "%d/%s" % [placement, id]
	match Fields.text(message, "t"):
		"ui_show":
			_show(key, placement, Fields.object(message, "tree"))
		"ui_update":
			for open: String in _panels:
				var panel := _panels[open]
				if panel.placement == placement:
					panel.tree.update(id, Fields.object(message, "set"))
		"ui_close":
			for open: String in _panels.keys():
				if open == key or (id.is_empty() and _panels[open].placement == placement):
					_close(open)
	opened_changed.emit(is_open())


## A game is left: what it showed goes too. 0 is the street.
func leave_all_but(placement: int) -> void:
	for key: String in _panels.keys():
		if _panels[key].placement != placement:
			_close(key)
	opened_changed.emit(is_open())


## The player wants the page gone.
func dismiss() -> void:
	for key: String in _panels.keys():
		if _panels[key].page:
			_quiet_until[_panels[key].placement] = Time.get_ticks_msec() + QUIET_MS
			_close(key)
	release_keys()


func close_all() -> void:
	for key: String in _panels.keys():
		_close(key)
	_quiet_until.clear()
	opened_changed.emit(false)


## Whether the keys belong to a panel: a page is open, or a part of the HUD has the focus.
func is_open() -> bool:
	for key in _panels:
		if _panels[key].page:
			return true
	return _has_keys()


## Gives the keys to the first control of a game's HUD; false when there is none.
func take_keys() -> bool:
	for key in _panels:
		var first := _panels[key].tree.first()
		if first != null and first.is_visible_in_tree():
			first.grab_focus()
			opened_changed.emit(true)
			return true
	return false


func release_keys() -> void:
	if _has_keys():
		get_viewport().gui_release_focus()
	opened_changed.emit(is_open())


## How far the panels at the top reach down, in pixels.
func top_height() -> float:
	return _spots["top"].size.y if _spots["top"].get_child_count() > 0 else 0.0


func _init() -> void:
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	for name in SPOTS:
		var spot := VBoxContainer.new()
		spot.mouse_filter = Control.MOUSE_FILTER_IGNORE
		spot.set_anchors_and_offsets_preset(SPOTS[name], PRESET_MODE_MINSIZE, int(MARGIN))
		spot.grow_horizontal = Control.GROW_DIRECTION_BOTH
		spot.grow_vertical = Control.GROW_DIRECTION_BOTH
		match name:
			"top":
				spot.grow_vertical = Control.GROW_DIRECTION_END
			"bottom":
				spot.grow_vertical = Control.GROW_DIRECTION_BEGIN
				spot.position.y -= 150.0
			"left":
				spot.grow_horizontal = Control.GROW_DIRECTION_END
			"right":
				spot.grow_horizontal = Control.GROW_DIRECTION_BEGIN
		_spots[name] = spot
		add_child(spot)


func _has_keys() -> bool:
	if not is_inside_tree():
		return false
	var owner_of_keys := get_viewport().gui_get_focus_owner()
	return owner_of_keys != null and is_ancestor_of(owner_of_keys)


func _show(key: String, placement: int, facts: Dictionary) -> void:
	_close(key)
	if _panels.size() >= PANELS:
		return
	var panel := Shown.new()
	panel.placement = placement
	var content := panel.tree.build(facts, text_scale)
	var role := Fields.text(facts, "role")
	var place := Fields.text(facts, "place")
	var hud := role == "hud" or (SPOTS.has(place) and place != "center" and role != "dialog")
	var first := panel.tree.first()
	panel.page = first != null and not hud
	if panel.page and Time.get_ticks_msec() < (_quiet_until.get(placement, 0) as int):
		content.free()
		panel.frame.free()
		return
	var most := size.y * (0.75 if panel.page else 0.4)
	panel.frame.add_child(Parts.scroll(content, maxf(most, 120.0)))
	panel.frame.size_flags_horizontal = Control.SIZE_SHRINK_CENTER
	if panel.page:
		panel.frame.add_theme_stylebox_override("panel", Look.page(24.0))
	elif first == null:
		panel.frame.mouse_filter = Control.MOUSE_FILTER_IGNORE
	panel.tree.used.connect(
		func(id: String, value: Variant) -> void: used.emit(placement, id, value)
	)
	_panels[key] = panel
	var spot := place if SPOTS.has(place) and not panel.page else ("top" if hud else "center")
	_spots[spot].add_child(panel.frame)
	if panel.page:
		_give_keys.call_deferred(key)


## Done when the page stands; it may be gone again by then.
func _give_keys(key: String) -> void:
	var first := _panels[key].tree.first() if _panels.has(key) else null
	if first != null and first.is_inside_tree():
		first.grab_focus()


func _close(key: String) -> void:
	if not _panels.has(key):
		return
	var frame := _panels[key].frame
	_panels.erase(key)
	frame.get_parent().remove_child(frame)
	frame.queue_free()
