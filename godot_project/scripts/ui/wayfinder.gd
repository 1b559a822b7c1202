extends PanelContainer
## Where the nearest game is: an arrow as seen from the camera, a name, a distance.

const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Place := preload("res://scripts/world/place.gd")

var _arrow := Arrow.new()
var _name := Look.label("")
var _away := Look.label("", "Small")


class Arrow:
	extends Control

	var turn := 0.0
	var tone := Palette.GOLD

	func _init() -> void:
		custom_minimum_size = Vector2(30, 30)
		size_flags_vertical = Control.SIZE_SHRINK_CENTER

	func _draw() -> void:
		draw_set_transform(size * 0.5, turn)
		var shape := PackedVector2Array(
			[Vector2(0, -13), Vector2(10, 11), Vector2(0, 5), Vector2(-10, 11)]
		)
		draw_colored_polygon(shape, tone)
		draw_polyline(
			PackedVector2Array([shape[0], shape[1], shape[2], shape[3], shape[0]]), tone, 1.5, true
		)


func point(place: Place, from: Vector3, camera_yaw: float) -> void:
	visible = place != null and not place.area.has_point(Vector2(from.x, from.z))
	if not visible:
		return
	var to := place.middle() - from
	_arrow.turn = -(atan2(-to.x, -to.z) - camera_yaw)
	_arrow.tone = place.color.lightened(0.25)
	_arrow.queue_redraw()
	_name.text = place.title
	_away.text = "%s · %d m" % [tr(place.kind), roundi(Vector2(to.x, to.z).length())]


func _init() -> void:
	visible = false
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	var row := HBoxContainer.new()
	row.add_child(_arrow)
	var column := VBoxContainer.new()
	column.add_theme_constant_override("separation", -3)
	column.add_child(_name)
	column.add_child(_away)
	row.add_child(column)
	add_child(row)
