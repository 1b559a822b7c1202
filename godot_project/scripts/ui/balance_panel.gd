extends PanelContainer
## The player's LIVE, as the chain has it, and what is on its way. It swells when it grows.

const Fields := preload("res://scripts/net/fields.gd")
const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")

var _amount := Look.label("0 LIVE", "Big")
var _pending := Look.label("", "Small")
var _wei := ""
var _coin := Coin.new()


## The mark of LIVE: a golden coin with an L.
class Coin:
	extends Control

	func _init() -> void:
		custom_minimum_size = Vector2(38, 38)
		size_flags_vertical = Control.SIZE_SHRINK_CENTER

	func _draw() -> void:
		var middle := size * 0.5
		var radius := minf(size.x, size.y) * 0.5
		draw_circle(middle, radius, Palette.GOLD.darkened(0.25), true, -1.0, true)
		draw_circle(middle, radius * 0.9, Palette.GOLD, true, -1.0, true)
		draw_circle(middle, radius * 0.68, Palette.GOLD.lightened(0.3), true, -1.0, true)
		var ink := Palette.GOLD.darkened(0.55)
		draw_rect(Rect2(middle + Vector2(-0.24, -0.4) * radius, Vector2(0.2, 0.8) * radius), ink)
		draw_rect(Rect2(middle + Vector2(-0.24, 0.2) * radius, Vector2(0.6, 0.2) * radius), ink)


func take(balance: Dictionary) -> void:
	var wei := Fields.text(balance, "wei", "0")
	var grew := not _wei.is_empty() and _more(wei, _wei)
	_wei = wei
	_amount.text = Fields.text(balance, "text")
	var waits := Fields.text(balance, "pending_wei", "0")
	_pending.visible = not waits.is_empty() and waits != "0"
	_pending.text = "+ %s %s" % [Fields.text(balance, "pending_text"), tr("on_its_way")]
	if grew:
		_swell()


func _init() -> void:
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	var row := HBoxContainer.new()
	row.add_child(_coin)
	var column := VBoxContainer.new()
	column.add_theme_constant_override("separation", -2)
	column.alignment = BoxContainer.ALIGNMENT_CENTER
	column.add_child(_amount)
	column.add_child(_pending)
	row.add_child(column)
	add_child(row)
	_pending.visible = false
	_pending.add_theme_color_override("font_color", Palette.GOLD)


func _swell() -> void:
	pivot_offset = size * 0.5
	var play := create_tween()
	play.tween_property(self, "scale", Vector2.ONE * 1.18, 0.16).set_trans(Tween.TRANS_BACK)
	play.parallel().tween_property(_amount, "modulate", Palette.GOLD, 0.16)
	play.tween_property(self, "scale", Vector2.ONE, 0.5).set_trans(Tween.TRANS_ELASTIC)
	play.parallel().tween_property(_amount, "modulate", Color.WHITE, 1.4)


## Compares decimal strings of any length.
static func _more(a: String, b: String) -> bool:
	return a.length() > b.length() or (a.length() == b.length() and a > b)
