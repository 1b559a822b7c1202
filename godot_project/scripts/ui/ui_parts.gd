extends RefCounted
## The controls that games' panels are made of, in the client's theme.

const Fields := preload("res://scripts/net/fields.gd")
const Look := preload("res://scripts/ui/look.gd")
const Models := preload("res://scripts/world/entity_models.gd")
const Palette := preload("res://scripts/world/palette.gd")

## Longer texts are broken into lines of this width.
const LINE := 44
const WIDE := 380.0
const ROLES: Dictionary[String, String] = {
	"title": "Big", "heading": "Head", "head": "Head", "note": "Small", "hint": "Small"
}


static func words(role: String) -> Label:
	var made := Look.label("", ROLES.get(role, ""))
	made.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	return made


static func write(label: Label, text: String, scale: float) -> void:
	label.text = text
	var long := text.length() > LINE
	label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART if long else TextServer.AUTOWRAP_OFF
	label.custom_minimum_size.x = WIDE * scale if long else 0.0


## A control under a caption; `core` finds the control again.
static func captioned(control: Control) -> Control:
	var box := VBoxContainer.new()
	box.add_theme_constant_override("separation", 2)
	var words_above := Look.label("", "Small")
	words_above.visible = false
	box.add_child(words_above)
	box.add_child(control)
	box.set_meta("core", control)
	box.set_meta("caption", words_above)
	return box


## A bar with its caption on the left and, for whole numbers, "3 / 10" on the right.
static func progress(node: Dictionary) -> Control:
	var bar := ProgressBar.new()
	bar.show_percentage = false
	bar.custom_minimum_size = Vector2(190.0, 12.0)
	bounds(bar, node)
	bar.step = 0.0
	var box := VBoxContainer.new()
	box.add_theme_constant_override("separation", 2)
	var head := HBoxContainer.new()
	var caption_of := Look.label("", "Small")
	caption_of.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	var figures := Look.label("", "")
	head.add_child(caption_of)
	head.add_child(figures)
	box.add_child(head)
	box.add_child(bar)
	box.set_meta("core", bar)
	box.set_meta("caption", caption_of)
	bar.set_meta("figures", figures)
	count(bar)
	return box


static func bounds(bar: Range, node: Dictionary) -> void:
	var low := Fields.number(node, "min", 0.0)
	var high := Fields.number(node, "max", maxf(1.0, low + 1.0))
	bar.min_value = low
	bar.max_value = high if high > low else low + 1.0
	var step := Fields.number(node, "step", 0.0)
	bar.step = step if step > 0.0 else (bar.max_value - low) / 100.0


static func count(bar: Range) -> void:
	if not bar.has_meta("figures"):
		return
	var figures: Label = bar.get_meta("figures")
	var whole := bar.max_value == floorf(bar.max_value) and bar.min_value == 0.0
	if whole and bar.max_value > 1.0:
		figures.text = "%d / %d" % [floori(bar.value), roundi(bar.max_value)]
	else:
		figures.text = "%d %%" % roundi(bar.ratio * 100.0)


static func core(made: Control) -> Control:
	return made.get_meta("core", made)


static func caption(made: Control, text: String) -> void:
	if made.has_meta("caption"):
		var above: Label = made.get_meta("caption")
		above.text = text
		above.visible = not text.is_empty()
	elif made.has_meta("caption_is_text"):
		(made as Label).text = text
	elif made is Button and (made as Button).text.is_empty():
		(made as Button).text = text


static func tint(made: Control, color: Color) -> void:
	var inner := core(made)
	if inner is ProgressBar:
		inner.add_theme_stylebox_override("fill", Look.bar(color))
	elif inner is Label or inner is BaseButton:
		inner.add_theme_color_override("font_color", color)


static func enable(made: Control, on: bool) -> void:
	var inner := core(made)
	if inner is BaseButton:
		(inner as BaseButton).disabled = not on
	elif inner is LineEdit:
		(inner as LineEdit).editable = on
	elif inner is Slider:
		(inner as Slider).editable = on
	made.modulate.a = 1.0 if on else 0.5


## An option by its words, or by its number counted from 1.
static func select(list: OptionButton, value: Variant) -> void:
	for index in list.item_count:
		if value is String and list.get_item_text(index) == value:
			list.selected = index
	if (value is float or value is int) and is_finite(value as float):
		var index := int(clampf(value as float, 0.0, 1000.0)) - 1
		if index >= 0 and index < list.item_count:
			list.selected = index


## Words without words take no room.
static func is_blank(made: Control) -> bool:
	return made is Label and (made as Label).text.is_empty()


static func takes_keys(control: Control) -> bool:
	return control is BaseButton or control is LineEdit or control is Slider


## `inner` in a frame that scrolls when it is higher than `most` pixels; what has the focus stays
## in view.
static func scroll(inner: Control, most: float) -> ScrollContainer:
	var frame := ScrollContainer.new()
	frame.horizontal_scroll_mode = ScrollContainer.SCROLL_MODE_DISABLED
	frame.follow_focus = true
	frame.focus_mode = Control.FOCUS_NONE
	inner.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	frame.add_child(inner)
	var fit := func() -> void:
		var wanted := inner.get_combined_minimum_size()
		var room := 14.0 if wanted.y > most else 0.0
		frame.custom_minimum_size = Vector2(wanted.x + room, minf(wanted.y, most))
	inner.minimum_size_changed.connect(fit)
	frame.ready.connect(fit)
	return frame


static func is_shape(name: String) -> bool:
	return Models.TOPS.has(name)


## A picture of one of the builtin shapes, drawn once.
static func shape(name: String, color: Color, side: int) -> Control:
	var view := SubViewport.new()
	view.size = Vector2i.ONE * side
	view.own_world_3d = true
	view.transparent_bg = true
	view.msaa_3d = Viewport.MSAA_4X
	view.render_target_update_mode = SubViewport.UPDATE_ONCE
	var solid := MeshInstance3D.new()
	solid.mesh = Models.mesh(name, color)
	view.add_child(solid)
	var bounds_of := solid.mesh.get_aabb()
	var eye := Camera3D.new()
	eye.projection = Camera3D.PROJECTION_ORTHOGONAL
	eye.size = maxf(bounds_of.size.length(), 0.5)
	var way := Vector3(0.5, 0.35, 1.0).normalized()
	eye.look_at_from_position(bounds_of.get_center() + way * 20.0, bounds_of.get_center())
	var air := Environment.new()
	air.background_mode = Environment.BG_CLEAR_COLOR
	air.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	air.ambient_light_color = Color("b9c4dd")
	eye.environment = air
	view.add_child(eye)
	var sun := DirectionalLight3D.new()
	sun.rotation = Vector3(-0.8, 0.7, 0.0)
	sun.light_color = Palette.CREAM
	view.add_child(sun)
	var picture := TextureRect.new()
	picture.add_child(view)
	picture.texture = view.get_texture()
	picture.custom_minimum_size = Vector2.ONE * side
	picture.size_flags_horizontal = Control.SIZE_SHRINK_CENTER
	return picture
