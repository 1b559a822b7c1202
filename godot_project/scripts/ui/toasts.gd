extends VBoxContainer
## Short notes at the top: information, good, bad, reward. They go by themselves.

const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")

const STAY_S := 3.2
const MOST := 3
const TONES: Dictionary[String, Color] = {
	"info": Color("7fb4d9"), "good": Palette.TEAL, "bad": Palette.CORAL, "reward": Palette.GOLD
}
const MARKS: Dictionary[String, String] = {"info": "i", "good": "+", "bad": "!", "reward": "★"}


func add(text: String, kind: String) -> void:
	if text.is_empty():
		return
	while get_child_count() >= MOST:
		var oldest := get_child(0)
		remove_child(oldest)
		oldest.queue_free()
	var tone: Color = TONES.get(kind, TONES["info"])
	var note := PanelContainer.new()
	var box := Look.panel(12.0, Color(Look.PANEL.lerp(tone, 0.14), 0.92))
	box.border_color = Color(tone, 0.8)
	box.border_width_left = 5
	note.add_theme_stylebox_override("panel", box)
	note.size_flags_horizontal = Control.SIZE_SHRINK_CENTER
	note.mouse_filter = Control.MOUSE_FILTER_IGNORE
	var row := HBoxContainer.new()
	var mark := Look.label(MARKS.get(kind, "i") as String, "Head")
	mark.add_theme_color_override("font_color", tone)
	row.add_child(mark)
	row.add_child(Look.label(text.left(200), "Head" if kind == "reward" else ""))
	note.add_child(row)
	add_child(note)
	note.modulate.a = 0.0
	var play := note.create_tween()
	play.tween_property(note, "modulate:a", 1.0, 0.2)
	play.tween_interval(STAY_S)
	play.tween_property(note, "modulate:a", 0.0, 0.5)
	play.tween_callback(note.queue_free)
