extends RefCounted
## The one theme of everything that is drawn over the world.

const Palette := preload("res://scripts/world/palette.gd")

const PANEL := Color(0.105, 0.133, 0.188, 0.84)
const PANEL_LINE := Color(1.0, 0.956, 0.874, 0.14)
const TEXT := Palette.CREAM
const DIM := Color(1.0, 0.956, 0.874, 0.66)
const BASE := 17


static func make(scale: float) -> Theme:
	var theme := Theme.new()
	var font := SystemFont.new()
	font.font_names = PackedStringArray(
		["Nunito", "Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "PingFang SC", "sans-serif"]
	)
	font.font_weight = 500
	font.allow_system_fallback = true
	theme.default_font = ThemeDB.fallback_font if font.get_font_name().is_empty() else font
	theme.default_font_size = roundi(BASE * scale)
	for kind: String in ["Label", "Button", "CheckButton", "LineEdit", "OptionButton"]:
		theme.set_color("font_color", kind, TEXT)
	theme.set_color("font_outline_color", "Label", Color(Palette.INK, 0.5))
	theme.set_stylebox("panel", "PanelContainer", panel(14.0, PANEL))
	theme.set_stylebox("panel", "PopupMenu", panel(8.0, Color(PANEL, 0.97)))
	for state: String in ["normal", "hover", "pressed", "focus", "disabled"]:
		var fill := Color(1, 1, 1, 0.09)
		match state:
			"hover":
				fill = Color(Palette.GOLD, 0.3)
			"pressed":
				fill = Color(Palette.GOLD, 0.5)
			"focus":
				fill = Color(0, 0, 0, 0)
		var box := panel(9.0, fill)
		if state == "focus":
			box.border_color = Palette.GOLD
			box.set_border_width_all(2)
		for kind: String in ["Button", "OptionButton", "CheckButton"]:
			theme.set_stylebox(state, kind, box)
	for state: String in ["normal", "focus", "read_only"]:
		var box := panel(9.0, Color(0, 0, 0, 0.28))
		if state == "focus":
			box.border_color = Palette.GOLD
		theme.set_stylebox(state, "LineEdit", box)
	theme.set_color("font_placeholder_color", "LineEdit", DIM)
	theme.set_constant("separation", "VBoxContainer", roundi(8 * scale))
	theme.set_constant("separation", "HBoxContainer", roundi(10 * scale))
	theme.set_constant("h_separation", "GridContainer", roundi(18 * scale))
	theme.set_constant("v_separation", "GridContainer", roundi(8 * scale))
	theme.set_stylebox("fill", "ProgressBar", bar(Palette.GOLD))
	theme.set_stylebox("background", "ProgressBar", bar(Color(1, 1, 1, 0.14)))
	theme.set_stylebox("slider", "HSlider", bar(Color(1, 1, 1, 0.18)))
	theme.set_stylebox("grabber_area", "HSlider", bar(Palette.GOLD))
	theme.set_stylebox("grabber_area_highlight", "HSlider", bar(Palette.GOLD.lightened(0.25)))
	_sizes(theme, scale)
	return theme


static func panel(round: float, fill: Color) -> StyleBoxFlat:
	var box := StyleBoxFlat.new()
	box.bg_color = fill
	box.set_corner_radius_all(roundi(round))
	box.set_border_width_all(1)
	box.border_color = PANEL_LINE
	box.content_margin_left = 14.0
	box.content_margin_right = 14.0
	box.content_margin_top = 8.0
	box.content_margin_bottom = 8.0
	box.anti_aliasing = true
	return box


## The ground of what takes the player's whole attention.
static func page(margin: float) -> StyleBoxFlat:
	var box := panel(18.0, Color(PANEL, 0.96))
	box.set_content_margin_all(margin)
	return box


## A thin bar without a line round it.
static func bar(fill: Color) -> StyleBoxFlat:
	var box := panel(4.0, fill)
	box.set_border_width_all(0)
	box.content_margin_top = 3.0
	box.content_margin_bottom = 3.0
	return box


static func label(text: String, kind: String = "") -> Label:
	var made := Label.new()
	made.text = text
	made.theme_type_variation = kind
	return made


## Letters of other sizes: Title, Head, Big, Small.
static func _sizes(theme: Theme, scale: float) -> void:
	var sizes := {"Title": 40, "Head": 23, "Big": 29, "Small": 14}
	for kind: String in sizes:
		theme.add_type(kind)
		theme.set_type_variation(kind, "Label")
		theme.set_font_size("font_size", kind, roundi((sizes[kind] as int) * scale))
	theme.set_color("font_color", "Small", DIM)
	var heavy := FontVariation.new()
	heavy.base_font = theme.default_font
	heavy.variation_embolden = 0.7
	for kind: String in ["Title", "Head", "Big"]:
		theme.set_font("font", kind, heavy)
