extends CenterContainer
## A card over everything: what is asked, a code to type on a page of the host, what can be done.

const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")

const WIDE := 460.0

var _title := Look.label("", "Head")
var _words := Look.label("")
var _code := Look.label("", "Title")
var _url := Look.label("", "Small")
var _note := Look.label("", "Small")
var _buttons := VBoxContainer.new()
var _page := ""
var _left := 0.0


## Begins anew: a title and some words. Everything else is added after it.
func say(title: String, words: String, note: String = "") -> void:
	visible = true
	_left = 0.0
	_page = ""
	_title.text = title
	_words.text = words
	_words.visible = not words.is_empty()
	_note.text = note
	_note.visible = not note.is_empty()
	_code.visible = false
	_url.visible = false
	for child in _buttons.get_children():
		_buttons.remove_child(child)
		child.queue_free()


## A code and the page where it is typed; `seconds` are counted down (0: not).
func show_code(code: String, page: String, seconds: int = 0) -> void:
	_code.text = code
	_code.visible = true
	_page = page if is_web(page) else ""
	_url.text = _page
	_url.visible = not _page.is_empty()
	_left = float(seconds)
	if not _page.is_empty():
		offer("open_page", func() -> void: OS.shell_open(_page))
		offer("copy_address", func() -> void: DisplayServer.clipboard_set(_page))


## A button; the first one gets the keys.
func offer(words: String, act: Callable) -> void:
	var button := Button.new()
	button.text = words
	button.pressed.connect(act)
	_buttons.add_child(button)
	if _buttons.get_child_count() == 1:
		_take_keys.call_deferred()


func close() -> void:
	visible = false
	get_viewport().gui_release_focus()


func _take_keys() -> void:
	if is_inside_tree() and _buttons.get_child_count() > 0:
		(_buttons.get_child(0) as Button).grab_focus()


## Only pages of the web are opened: the host names them, and hosts may be strangers.
static func is_web(page: String) -> bool:
	return page.begins_with("https://") or page.begins_with("http://")


func _process(delta: float) -> void:
	if visible and _left > 0.0:
		_left = maxf(0.0, _left - delta)
		_note.text = tr("code_ends").format({"seconds": ceili(_left)})
		_note.visible = true


func _init() -> void:
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	visible = false
	var card := PanelContainer.new()
	card.add_theme_stylebox_override("panel", Look.page(28.0))
	add_child(card)
	var column := VBoxContainer.new()
	column.custom_minimum_size.x = WIDE
	column.add_theme_constant_override("separation", 14)
	card.add_child(column)
	_code.add_theme_color_override("font_color", Palette.GOLD)
	_buttons.add_theme_constant_override("separation", 10)
	for label: Label in [_title, _words, _code, _url, _note]:
		label.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
		label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
		label.custom_minimum_size.x = WIDE
		column.add_child(label)
	_code.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	_url.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	column.add_child(_buttons)
