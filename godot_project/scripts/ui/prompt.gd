extends PanelContainer
## What E would do now: a key cap and words, low in the middle.

const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")

var _words := Look.label("", "Head")
var _shown := ""


## Empty words hide it. Returns true when the words are new.
func offer(words: String) -> bool:
	visible = not words.is_empty()
	var new := words != _shown and visible
	_shown = words
	if not new:
		return false
	_words.text = words
	reset_size()
	# The anchor keeps it centred afterwards; a fresh size grows from its left edge.
	position.x = (get_parent_area_size().x - size.x) * 0.5
	pivot_offset = size * 0.5
	scale = Vector2.ONE * 0.9
	create_tween().tween_property(self, "scale", Vector2.ONE, 0.18).set_trans(Tween.TRANS_BACK)
	return true


func _init() -> void:
	visible = false
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	var row := HBoxContainer.new()
	var cap := PanelContainer.new()
	var box := Look.panel(7.0, Palette.CREAM)
	box.border_width_bottom = 4
	box.border_color = Palette.STONE_DARK.darkened(0.2)
	box.content_margin_top = 1.0
	box.content_margin_bottom = 2.0
	cap.add_theme_stylebox_override("panel", box)
	var letter := Look.label("E", "Head")
	letter.add_theme_color_override("font_color", Palette.INK)
	cap.add_child(letter)
	row.add_child(cap)
	row.add_child(_words)
	add_child(row)
