extends RefCounted
## Builds low-poly meshes: parts are added at the transform `at`, then committed as one mesh.
## Colours are given and kept as people write them (sRGB).

var at := Transform3D.IDENTITY

var _points := PackedVector3Array()
var _normals := PackedVector3Array()
var _colors := PackedColorArray()
var _uvs := PackedVector2Array()


func is_empty() -> bool:
	return _points.is_empty()


## Four corners, counter-clockwise as seen from outside; `low` colours a and b, `high` c and d.
func quad(a: Vector3, b: Vector3, c: Vector3, d: Vector3, low: Color, high: Color) -> void:
	tri(a, b, c, low, low, high)
	tri(a, c, d, low, high, high)


func tri(a: Vector3, b: Vector3, c: Vector3, of_a: Color, of_b: Color, of_c: Color) -> void:
	var pa := at * a
	var pb := at * b
	var pc := at * c
	var normal := (pb - pa).cross(pc - pa)
	if normal.length_squared() < 1.0e-12:
		return
	normal = normal.normalized()
	_points.append_array([pa, pc, pb])
	_normals.append_array([normal, normal, normal])
	_colors.append_array([of_a, of_c, of_b])
	_uvs.append_array([Vector2(pa.x, pa.z), Vector2(pc.x, pc.z), Vector2(pb.x, pb.z)])


## A quad whose texture coordinates count `tiles` across and up, for facades.
func wall(corners: Array[Vector3], low: Color, high: Color, tiles: Vector2) -> void:
	var start := _uvs.size()
	quad(corners[0], corners[1], corners[2], corners[3], low, high)
	if _uvs.size() == start + 6:
		var far := [
			Vector2.ZERO, tiles, Vector2(tiles.x, 0), Vector2.ZERO, Vector2(0, tiles.y), tiles
		]
		for index in 6:
			_uvs[start + index] = far[index]


## From here on: how many vertices there are, for `blank`.
func mark() -> int:
	return _points.size()


## Gives all vertices since `from` the texture coordinate -1: no windows there.
func blank(from: int) -> void:
	for index in range(from, _uvs.size()):
		_uvs[index] = -Vector2.ONE


## A flat rectangle on the ground at height `y`; texture coordinates are metres.
func ground(area: Rect2, y: float, color: Color) -> void:
	var a := Vector3(area.position.x, y, area.position.y)
	var c := Vector3(area.end.x, y, area.end.y)
	quad(a, Vector3(a.x, y, c.z), c, Vector3(c.x, y, a.z), color, color)


## A box whose foot is at `foot` (the middle of its bottom); `taper` scales the top.
func box(foot: Vector3, size: Vector3, low: Color, high: Color, taper: float = 1.0) -> void:
	var h := size * 0.5
	var t := Vector2(h.x, h.z) * taper
	var y := foot.y + size.y
	var b: Array[Vector3] = [
		Vector3(foot.x - h.x, foot.y, foot.z - h.z),
		Vector3(foot.x - h.x, foot.y, foot.z + h.z),
		Vector3(foot.x + h.x, foot.y, foot.z + h.z),
		Vector3(foot.x + h.x, foot.y, foot.z - h.z),
	]
	var u: Array[Vector3] = [
		Vector3(foot.x - t.x, y, foot.z - t.y),
		Vector3(foot.x - t.x, y, foot.z + t.y),
		Vector3(foot.x + t.x, y, foot.z + t.y),
		Vector3(foot.x + t.x, y, foot.z - t.y),
	]
	for side in 4:
		var next := (side + 1) % 4
		quad(b[side], b[next], u[next], u[side], low, high)
	quad(u[0], u[1], u[2], u[3], high, high)
	quad(b[3], b[2], b[1], b[0], low, low)


## A prism of `sides` sides standing on `foot`; radii x and z at the bottom and at the top.
func prism(
	foot: Vector3, bottom: Vector2, top: Vector2, height: float, sides: int, low: Color, high: Color
) -> void:
	var roof := foot + Vector3(0.0, height, 0.0)
	for side in sides:
		var one := TAU * side / sides
		var two := TAU * (side + 1) / sides
		var a := foot + Vector3(cos(two) * bottom.x, 0.0, sin(two) * bottom.y)
		var b := foot + Vector3(cos(one) * bottom.x, 0.0, sin(one) * bottom.y)
		var c := roof + Vector3(cos(one) * top.x, 0.0, sin(one) * top.y)
		var d := roof + Vector3(cos(two) * top.x, 0.0, sin(two) * top.y)
		quad(a, b, c, d, low, high)
		tri(roof, d, c, high, high, high)
		tri(foot, b, a, low, low, low)


## An ellipsoid between the latitudes `from` and `to` (-1 bottom .. 1 top).
func ball(
	centre: Vector3,
	radii: Vector3,
	rings: int,
	sides: int,
	low: Color,
	high: Color,
	from: float = -1.0,
	to: float = 1.0
) -> void:
	for ring in rings:
		var v1 := lerpf(from, to, float(ring) / rings) * PI * 0.5
		var v2 := lerpf(from, to, float(ring + 1) / rings) * PI * 0.5
		var c1 := low.lerp(high, sin(v1) * 0.5 + 0.5)
		var c2 := low.lerp(high, sin(v2) * 0.5 + 0.5)
		for side in sides:
			var one := TAU * side / sides
			var two := TAU * (side + 1) / sides
			_ball_face(centre, radii, Vector4(one, two, v1, v2), c1, c2)


func commit(material: Material = null) -> ArrayMesh:
	var mesh := ArrayMesh.new()
	if _points.is_empty():
		return mesh
	var arrays: Array = []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = _points
	arrays[Mesh.ARRAY_NORMAL] = _normals
	arrays[Mesh.ARRAY_COLOR] = _colors
	arrays[Mesh.ARRAY_TEX_UV] = _uvs
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	if material != null:
		mesh.surface_set_material(0, material)
	return mesh


func _ball_face(
	centre: Vector3, radii: Vector3, angles: Vector4, of_low: Color, of_high: Color
) -> void:
	var a := _on_ball(angles.y, angles.z)
	var b := _on_ball(angles.x, angles.z)
	var c := _on_ball(angles.x, angles.w)
	var d := _on_ball(angles.y, angles.w)
	var start := _points.size()
	quad(
		centre + a * radii,
		centre + b * radii,
		centre + c * radii,
		centre + d * radii,
		of_low,
		of_high
	)
	# Round things are shaded round: the normal of a vertex is the way out of the middle.
	for index in range(start, _points.size()):
		var out := (at.affine_inverse() * _points[index]) - centre
		_normals[index] = (at.basis * (out / (radii * radii))).normalized()


func _on_ball(around: float, up: float) -> Vector3:
	return Vector3(cos(around) * cos(up), sin(up), sin(around) * cos(up))
