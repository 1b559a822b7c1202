extends VBoxContainer
## Nearby chat: the last lines, and a field that opens with Enter.

signal said(text: String)
signal typing_changed(typing: bool)

const Wire := preload("res://scripts/net/wire.gd")
const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")

const LINES := 8
const BRIGHT_S := 12.0

var _lines := RichTextLabel.new()
var _panel := PanelContainer.new()
var _entry := LineEdit.new()
var _kept: Array[String] = []
var _age := 0.0


func add(name: String, text: String, own: bool) -> void:
	var tone := (Palette.GOLD if own else Palette.TEAL.lightened(0.35)).to_html(false)
	_kept.append("[color=#%s][b]%s[/b][/color]  %s" % [tone, _escape(name), _escape(text)])
	if _kept.size() > LINES:
		_kept.remove_at(0)
	_lines.text = "\n".join(_kept)
	_age = 0.0


func open() -> void:
	_entry.visible = true
	_entry.grab_focus()
	typing_changed.emit(true)


func is_typing() -> bool:
	return _entry.visible


func close() -> void:
	_entry.text = ""
	_entry.visible = false
	_entry.release_focus()
	typing_changed.emit(false)


func advance(delta: float) -> void:
	_age += delta
	var bright := is_typing() or _age < BRIGHT_S
	_panel.modulate.a = move_toward(_panel.modulate.a, 1.0 if bright else 0.0, delta * 1.5)
	_panel.visible = not _kept.is_empty() and _panel.modulate.a > 0.01


func _init() -> void:
	alignment = BoxContainer.ALIGNMENT_END
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	_panel.mouse_filter = Control.MOUSE_FILTER_IGNORE
	_lines.bbcode_enabled = true
	_lines.fit_content = true
	_lines.scroll_active = false
	_lines.mouse_filter = Control.MOUSE_FILTER_IGNORE
	_lines.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_panel.add_child(_lines)
	_panel.add_theme_stylebox_override("panel", Look.panel(12.0, Color(Look.PANEL, 0.62)))
	add_child(_panel)
	_entry.max_length = Wire.MAX_CHAT
	_entry.placeholder_text = "say_something"
	_entry.visible = false
	_entry.text_submitted.connect(_on_submitted)
	add_child(_entry)


func _on_submitted(text: String) -> void:
	if not text.strip_edges().is_empty():
		said.emit(text.strip_edges())
	close()


static func _escape(text: String) -> String:
	return text.replace("[", "[lb]").replace("\n", " ")
