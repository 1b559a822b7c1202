extends Control
## The page of choices; every one works by keyboard alone.

signal closed
signal quit_wanted
## A guest wants to go over to an own wallet.
signal wallet_wanted

const Wire := preload("res://scripts/net/wire.gd")
const Look := preload("res://scripts/ui/look.gd")
const Settings := preload("res://scripts/settings.gd")
const Texts := preload("res://scripts/texts.gd")

const KEYS: Array[Array] = [
	["key_walk", "W A S D"],
	["key_run", "Shift"],
	["key_jump", "Space"],
	["key_use", "E"],
	["key_chat", "Enter"],
	["key_score", "Tab"],
	["key_panel", "F"],
	["key_act", "1 – 6"],
	["key_emote", "G"],
	["key_settings", "Esc"],
	["key_look", "Q R"],
	["key_zoom", "+ -"],
]

var _settings: Settings = null
var _grid: GridContainer = null
var _first: Control = null
var _guest := false


func start(settings: Settings) -> void:
	_settings = settings
	_build()


func open(guest: bool = false) -> void:
	visible = true
	_guest = guest
	_build()
	_first.grab_focus()


func close() -> void:
	visible = false
	closed.emit()


func _build() -> void:
	for child in get_children():
		remove_child(child)
		child.queue_free()
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	var veil := ColorRect.new()
	veil.color = Color(0.05, 0.07, 0.11, 0.55)
	veil.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	add_child(veil)
	var centre := CenterContainer.new()
	centre.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	add_child(centre)
	var page := PanelContainer.new()
	page.add_theme_stylebox_override("panel", Look.page(28.0))
	centre.add_child(page)
	var column := VBoxContainer.new()
	column.add_theme_constant_override("separation", 14)
	page.add_child(column)
	column.add_child(Look.label("settings", "Title"))
	var halves := HBoxContainer.new()
	halves.add_theme_constant_override("separation", 48)
	column.add_child(halves)
	_grid = GridContainer.new()
	_grid.columns = 2
	halves.add_child(_grid)
	_choices()
	halves.add_child(_keys())
	var buttons := HBoxContainer.new()
	_button(buttons, "close", close)
	if _guest:
		_button(buttons, "use_wallet", _want_wallet)
	_button(buttons, "quit", quit_wanted.emit)
	column.add_child(buttons)


func _choices() -> void:
	var name := LineEdit.new()
	name.text = _settings.name
	name.max_length = Wire.MAX_NAME
	name.custom_minimum_size.x = 250.0
	name.text_submitted.connect(func(text: String) -> void: _choose("name", text.strip_edges()))
	name.focus_exited.connect(func() -> void: _choose("name", name.text.strip_edges()))
	_first = name
	_row("name", name)
	var languages := Texts.drawable()
	var spoken: Array[String] = []
	for language in languages:
		spoken.append(Texts.NAMES[language])
	_pick("language", spoken, languages, _settings.spoken_language())
	var sizes: Array[String] = []
	for size in Settings.TEXT_SIZES:
		sizes.append("%d %%" % roundi(size * 100.0))
	_pick("text_size", sizes, Settings.TEXT_SIZES, _settings.text_scale, "text_scale")
	var grades: Array[String] = ["quality_-1", "quality_0", "quality_1", "quality_2"]
	_pick("quality", grades, [-1, 0, 1, 2], _settings.quality)
	_slide("sensitivity", 0.2, 3.0)
	_slide("volume", 0.0, 1.0)
	_switch("invert_y")
	_switch("show_fps")


func _row(key: String, control: Control) -> void:
	_grid.add_child(Look.label(key))
	_grid.add_child(control)


func _pick(
	key: String, words: Array[String], values: Array, chosen: Variant, field: String = ""
) -> void:
	var list := OptionButton.new()
	for word in words:
		list.add_item(word)
	list.selected = maxi(0, values.find(chosen))
	list.item_selected.connect(
		func(index: int) -> void: _choose(key if field.is_empty() else field, values[index])
	)
	_row(key, list)


func _slide(key: String, low: float, high: float) -> void:
	var slider := HSlider.new()
	slider.min_value = low
	slider.max_value = high
	slider.step = (high - low) / 20.0
	slider.value = _settings.get(key)
	slider.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	slider.value_changed.connect(func(value: float) -> void: _choose(key, value))
	_row(key, slider)


func _switch(key: String) -> void:
	var switch := CheckButton.new()
	switch.button_pressed = _settings.get(key) as bool
	switch.size_flags_horizontal = Control.SIZE_SHRINK_BEGIN
	switch.toggled.connect(func(on: bool) -> void: _choose(key, on))
	_row(key, switch)


func _keys() -> Control:
	var column := VBoxContainer.new()
	column.add_child(Look.label("keys", "Head"))
	var table := GridContainer.new()
	table.columns = 2
	for pair in KEYS:
		table.add_child(Look.label(pair[1] as String))
		table.add_child(Look.label(pair[0] as String, "Small"))
	for pair: Array in [["drag", "key_look"], ["wheel", "key_zoom"]]:
		table.add_child(Look.label(pair[0] as String))
		table.add_child(Look.label(pair[1] as String, "Small"))
	column.add_child(table)
	return column


func _want_wallet() -> void:
	close()
	wallet_wanted.emit()


func _button(row: Container, key: String, act: Callable) -> void:
	var button := Button.new()
	button.text = key
	button.pressed.connect(act)
	row.add_child(button)


func _choose(field: String, value: Variant) -> void:
	if _settings.get(field) != value:
		_settings.set(field, value)
		_settings.keep()
