extends Control
## A round map of what is near: streets, placements, people; the camera looks up.

const Layout := preload("res://scripts/world/layout.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Place := preload("res://scripts/world/place.gd")

const REACH_M := 130.0
const CORNERS := 40

var plan: Layout = null
var places: Array[Place] = []
var people := PackedVector3Array()

var _at := Vector2.ZERO
var _turn := 0.0
var _heading := 0.0
var _wait := 0.0


func follow(delta: float, at: Vector3, camera_yaw: float, heading: float) -> void:
	_wait -= delta
	if _wait > 0.0:
		return
	_wait = 0.08
	_at = Vector2(at.x, at.z)
	_turn = camera_yaw
	_heading = heading
	queue_redraw()


func _init() -> void:
	custom_minimum_size = Vector2(164, 164)
	mouse_filter = Control.MOUSE_FILTER_IGNORE


func _draw() -> void:
	var radius := size.x * 0.5
	var middle := size * 0.5
	var rim := _circle(middle, radius - 2.0)
	draw_colored_polygon(rim, Color(0.32, 0.42, 0.3, 0.92))
	if plan != null:
		for lane in plan.lanes:
			_area(lane, Palette.PAVING, rim)
		var edge := plan.square().grow(Layout.AVENUE)
		var square := plan.square()
		for band: Rect2 in [
			Rect2(edge.position, Vector2(edge.size.x, Layout.AVENUE)),
			Rect2(edge.position.x, square.end.y, edge.size.x, Layout.AVENUE),
			Rect2(edge.position.x, square.position.y, Layout.AVENUE, square.size.y),
			Rect2(square.end.x, square.position.y, Layout.AVENUE, square.size.y),
		]:
			_area(band, Palette.STONE_DARK, rim)
		_area(plan.plaza, Palette.CREAM, rim)
	for place in places:
		_area(place.area, place.color, rim)
	for one in people:
		var spot := _on_map(Vector2(one.x, one.z))
		if spot.distance_to(middle) < radius - 6.0:
			draw_circle(spot, 2.6, Palette.INK)
			draw_circle(spot, 1.8, Color.WHITE)
	rim.append(rim[0])
	draw_polyline(rim, Color(0.1, 0.13, 0.19, 0.9), 5.0, true)
	draw_polyline(rim, Palette.CREAM, 1.6, true)
	draw_set_transform(middle, _turn - _heading)
	var me := PackedVector2Array(
		[Vector2(0, -9), Vector2(6.5, 7), Vector2(0, 3.5), Vector2(-6.5, 7)]
	)
	draw_colored_polygon(me, Palette.GOLD)
	draw_set_transform(Vector2.ZERO)
	var north := middle + Vector2(0, -radius + 12.0).rotated(_turn)
	draw_circle(north, 8.0, Palette.INK)
	var font := get_theme_default_font()
	draw_string(font, north + Vector2(-5, 5), "N", HORIZONTAL_ALIGNMENT_LEFT, -1, 13, Palette.CREAM)


func _on_map(point: Vector2) -> Vector2:
	return size * 0.5 + (point - _at).rotated(_turn) * (size.x * 0.5 / REACH_M)


func _area(area: Rect2, tone: Color, rim: PackedVector2Array) -> void:
	if not area.has_area() or not area.intersects(Rect2(_at, Vector2.ZERO).grow(REACH_M * 1.1)):
		return
	var shape := PackedVector2Array()
	for corner: Vector2 in [
		area.position,
		Vector2(area.end.x, area.position.y),
		area.end,
		Vector2(area.position.x, area.end.y)
	]:
		shape.append(_on_map(corner))
	for piece in Geometry2D.intersect_polygons(shape, rim):
		if not Geometry2D.triangulate_polygon(piece).is_empty():
			draw_colored_polygon(piece, tone)


static func _circle(middle: Vector2, radius: float) -> PackedVector2Array:
	var points := PackedVector2Array()
	for index in CORNERS:
		points.append(middle + Vector2.from_angle(TAU * index / CORNERS) * radius)
	return points
