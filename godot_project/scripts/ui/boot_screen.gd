extends Control
## What is seen until the district stands: the name, what is being done, and how far it is.

const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")

var _words := Look.label("connecting")
var _bar := ProgressBar.new()
var _aim := 0.0
var _gone := false


## Shows what is being done; `share` of all is 0 to 1.
func tell(words: String, share: float) -> void:
	if _gone:
		return
	visible = true
	modulate.a = 1.0
	_words.text = words
	_aim = share * 100.0


## Fades away: the city is there.
func leave() -> void:
	if _gone:
		return
	_gone = true
	var play := create_tween()
	play.tween_property(self, "modulate:a", 0.0, 0.6)
	play.tween_callback(hide)


func _process(delta: float) -> void:
	if visible:
		_bar.value = lerpf(_bar.value, _aim, minf(1.0, delta * 6.0))


func _init() -> void:
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	var back := TextureRect.new()
	var ramp := Gradient.new()
	ramp.set_color(0, Color("2a3d5c"))
	ramp.set_color(1, Color("f0b78a"))
	ramp.add_point(0.62, Color("7d7391"))
	var texture := GradientTexture2D.new()
	texture.gradient = ramp
	texture.fill_from = Vector2(0, 0)
	texture.fill_to = Vector2(0, 1)
	back.texture = texture
	back.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	back.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	add_child(back)
	var roofs := Roofs.new()
	roofs.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	add_child(roofs)
	var centre := CenterContainer.new()
	centre.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	add_child(centre)
	var column := VBoxContainer.new()
	column.custom_minimum_size.x = 380.0
	column.add_theme_constant_override("separation", 14)
	centre.add_child(column)
	var title := Look.label("mall.live", "Title")
	title.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
	column.add_child(title)
	_bar.show_percentage = false
	_bar.custom_minimum_size.y = 8.0
	for pair: Array in [["fill", Palette.GOLD], ["background", Color(0.1, 0.13, 0.2, 0.5)]]:
		var box := Look.panel(4.0, pair[1] as Color)
		box.set_border_width_all(0)
		box.set_content_margin_all(0.0)
		_bar.add_theme_stylebox_override(pair[0] as String, box)
	column.add_child(_bar)
	_words.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
	column.add_child(_words)


## A row of roofs against the morning.
class Roofs:
	extends Control

	func _init() -> void:
		mouse_filter = Control.MOUSE_FILTER_IGNORE

	func _draw() -> void:
		var dice := RandomNumberGenerator.new()
		for layer in 3:
			dice.seed = 5 + layer
			var tone := Color("5c5a78").lerp(Color("1f2a40"), layer / 2.0)
			var x := -20.0
			while x < size.x:
				var wide := dice.randf_range(46.0, 120.0)
				var tall := size.y * (0.34 - layer * 0.07) * dice.randf_range(0.6, 1.0)
				draw_rect(Rect2(x, size.y - tall, wide, tall), tone)
				if dice.randf() < 0.6:
					var roof := PackedVector2Array(
						[
							Vector2(x - 5, size.y - tall),
							Vector2(x + wide * 0.5, size.y - tall - wide * 0.3),
							Vector2(x + wide + 5, size.y - tall)
						]
					)
					draw_colored_polygon(roof, tone)
				if layer == 2:
					for window in int(wide / 24.0):
						if dice.randf() < 0.45:
							var at := Vector2(
								x + 10 + window * 24, size.y - tall * dice.randf_range(0.35, 0.85)
							)
							draw_rect(Rect2(at, Vector2(8, 12)), Color("ffcf87"))
				x += wide
