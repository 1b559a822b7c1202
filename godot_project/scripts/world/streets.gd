extends RefCounted
## Finds a way along the streets, for the autopilot and the wayfinding hint.

const Layout := preload("res://scripts/world/layout.gd")

const STEP := 5.0
const WEIGHTS: Dictionary[Layout.Surface, float] = {
	Layout.Surface.AVENUE: 1.0,
	Layout.Surface.LANE: 1.0,
	Layout.Surface.PLAZA: 1.0,
	Layout.Surface.PLOT: 5.0,
}

var _grid := AStarGrid2D.new()
var _origin := Vector2.ZERO


func build(plan: Layout) -> void:
	var area := plan.square().grow(Layout.AVENUE)
	if plan.plaza.has_area() and plan.plaza.intersects(area.grow(60.0)):
		area = area.merge(plan.plaza)
	_origin = area.position
	_grid.region = Rect2i(Vector2i.ZERO, Vector2i((area.size / STEP).ceil()))
	_grid.diagonal_mode = AStarGrid2D.DIAGONAL_MODE_ONLY_IF_NO_OBSTACLES
	_grid.update()
	for x in _grid.region.size.x:
		for z in _grid.region.size.y:
			var cell := Vector2i(x, z)
			var kind := plan.surface(_point(cell))
			_grid.set_point_solid(cell, kind == Layout.Surface.OUTSIDE)
			_grid.set_point_weight_scale(cell, WEIGHTS.get(kind, 1.0))


## Points from `from` to `to`, the end included; a straight line where no way is known.
func way(from: Vector3, to: Vector3) -> PackedVector2Array:
	var found := PackedVector2Array()
	var start := _cell(from)
	var end := _cell(to)
	if _grid.is_in_boundsv(start) and _grid.is_in_boundsv(end):
		for cell in _grid.get_id_path(start, end, true).slice(1):
			found.append(_point(cell))
	found.append(Vector2(to.x, to.z))
	return found


func _cell(at: Vector3) -> Vector2i:
	return Vector2i(((Vector2(at.x, at.z) - _origin) / STEP).floor())


func _point(cell: Vector2i) -> Vector2:
	return _origin + (Vector2(cell) + Vector2(0.5, 0.5)) * STEP
