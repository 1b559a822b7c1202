extends RefCounted
## What cannot be walked through: upright posts and boxes on a grid of cells. No physics engine.

const CELL := 8.0


class Post:
	var at := Vector2.ZERO
	var radius := 0.0
	var height := 0.0


var _cells: Dictionary[Vector2i, Array] = {}
var _owned: Dictionary[Variant, Array] = {}


## Adds a post for `owner`; all of an owner's posts are dropped together.
func add(owner: Variant, at: Vector2, radius: float, height: float) -> void:
	var post := Post.new()
	post.at = at
	post.radius = radius
	post.height = height
	var places: Array = _owned.get_or_add(owner, [])
	for cell in _cells_around(at, radius):
		var list: Array = _cells.get_or_add(cell, [])
		list.append(post)
		places.append([cell, post])


## Adds a wall as a row of posts along a line.
func add_line(owner: Variant, from: Vector2, to: Vector2, radius: float, height: float) -> void:
	var steps := maxi(1, ceili(from.distance_to(to) / radius))
	for step in steps + 1:
		add(owner, from.lerp(to, float(step) / steps), radius, height)


func drop(owner: Variant) -> void:
	for place: Array in _owned.get(owner, []):
		var list: Array = _cells.get(place[0], [])
		list.erase(place[1])
	_owned.erase(owner)


## Moves `at` out of every post that a body of `radius` would touch.
func push_out(at: Vector3, radius: float) -> Vector3:
	var flat := Vector2(at.x, at.z)
	for round in 3:
		var moved := false
		for post: Post in _cells.get(_cell(flat), []):
			var away := flat - post.at
			var room := post.radius + radius
			if at.y < post.height and away.length_squared() < room * room:
				var way := away.normalized() if away.length_squared() > 1.0e-6 else Vector2.RIGHT
				flat = post.at + way * (room + 0.001)
				moved = true
		if not moved:
			break
	return Vector3(flat.x, at.y, flat.y)


## How far a ray of `length` metres from `from` goes before it meets a post.
func reach(from: Vector3, way: Vector3, length: float, margin: float) -> float:
	var best := length
	var flat := Vector2(way.x, way.z)
	var steps := maxi(1, ceili(length / (CELL * 0.5)))
	var seen: Dictionary[Vector2i, bool] = {}
	for step in steps + 1:
		var on := from + way * (length * step / steps)
		var cell := _cell(Vector2(on.x, on.z))
		if seen.has(cell):
			continue
		seen[cell] = true
		for post: Post in _cells.get(cell, []):
			best = minf(best, _hit(post, from, flat, way.y, margin, length))
	return best


func _hit(
	post: Post, from: Vector3, flat: Vector2, rise: float, margin: float, length: float
) -> float:
	var to := Vector2(from.x, from.z) - post.at
	var room := post.radius + margin
	var a := flat.length_squared()
	var c := to.length_squared() - room * room
	if a < 1.0e-6 or c <= 0.0:
		return length
	var b := to.dot(flat)
	var root := b * b - a * c
	if root <= 0.0 or b >= 0.0:
		return length
	var distance := (-b - sqrt(root)) / a
	return distance if from.y + rise * distance < post.height else length


func _cells_around(at: Vector2, radius: float) -> Array[Vector2i]:
	var found: Array[Vector2i] = []
	# A walker's own radius is included, so that one look-up of its cell is enough.
	var low := _cell(at - Vector2.ONE * (radius + 1.0))
	var high := _cell(at + Vector2.ONE * (radius + 1.0))
	for x in range(low.x, high.x + 1):
		for y in range(low.y, high.y + 1):
			found.append(Vector2i(x, y))
	return found


func _cell(at: Vector2) -> Vector2i:
	return Vector2i((at / CELL).floor())
