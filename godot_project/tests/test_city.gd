extends "res://tests/suite.gd"
## The plan of a district: numbers, surfaces, ways, and the same trees for everybody.

const Entities := preload("res://scripts/world/entities.gd")
const Ground := preload("res://scripts/world/ground.gd")
const Layout := preload("res://scripts/world/layout.gd")
const Scatter := preload("res://scripts/world/scatter.gd")
const Streets := preload("res://scripts/world/streets.gd")


func test_tierra_are_numbered_as_the_contract_does() -> void:
	var plan := _plan()
	same(plan.tierra(0, 0, 0), 0, "corner")
	same(plan.tierra(0, 1, 0), 1, "x bit 0")
	same(plan.tierra(0, 0, 1), 2, "z bit 0")
	same(plan.tierra(0, 2, 0), 4, "x bit 1")
	same(plan.tierra(0, 3, 3), 15, "far corner")
	same(plan.tierra(1, 0, 0), 16, "next block")


func test_surfaces() -> void:
	var plan := _plan()
	same(plan.surface(Vector2(5, 5)), Layout.Surface.PLOT, "plot")
	same(plan.surface(Vector2(65, 5)), Layout.Surface.LANE, "lane")
	same(plan.surface(Vector2(5, -10)), Layout.Surface.AVENUE, "avenue")
	same(plan.surface(Vector2(50, -60)), Layout.Surface.PLAZA, "plaza")
	same(plan.surface(Vector2(500, 500)), Layout.Surface.OUTSIDE, "outside")


func test_cut_ground_covers_the_same_area_once() -> void:
	var whole := Rect2(0, 0, 10, 10)
	var area := 0.0
	for piece in Ground.subtract(whole, Rect2(3, 4, 20, 2)):
		area += piece.get_area()
	near(area, 100.0 - 14.0, 0.001, "area")


func test_ways_keep_to_the_streets() -> void:
	var plan := _plan()
	var streets := Streets.new()
	streets.build(plan)
	var way := streets.way(Vector3(5, 0, -20), Vector3(100, 0, 50))
	same(way[way.size() - 1], Vector2(100, 50), "end")
	var off := 0
	for point in way:
		if plan.surface(point) == Layout.Surface.PLOT:
			off += 1
	check(off <= 8, "%d of %d points lie on plots" % [off, way.size()])


func test_the_seed_decides_every_tree() -> void:
	var one := Scatter.new()
	one.fill(_plan(), [])
	var two := Scatter.new()
	two.fill(_plan(), [])
	same(_digest(one), _digest(two), "same seed")
	var other := Layout.new()
	other.read(_district(8))
	two.fill(other, [])
	check(_digest(one) != _digest(two), "another seed gives the same city")
	two.fill(_plan(), [Rect2(0, 0, 15, 15)])
	for item: Scatter.Item in two.chunks[Vector2i(0, 0)]:
		check(not Rect2(0.1, 0.1, 14.8, 14.8).has_point(Vector2(item.at.x, item.at.z)), item.kind)


func test_the_nearest_usable_thing_in_front_wins() -> void:
	var things := Entities.new()
	(
		things
		. spawn(
			[
				{"id": 1, "at": [0, 0, -3], "verb": "play"},
				{"id": 2, "at": [0, 0, -2], "verb": "open"},
				{"id": 3, "at": [0, 0, 1.5], "verb": "behind"},
				{"id": 4, "at": [0, 0, -1], "model": "no such model"},
				{"id": "x"},
			]
		)
	)
	same(things.usable(Vector3.ZERO, 0.0).id, 2, "facing north")
	same(things.usable(Vector3.ZERO, PI).id, 3, "facing south")
	same(things.usable(Vector3(0, 0, 30), 0.0), null, "out of reach")
	things.remove(PackedInt32Array([2, 99]))
	same(things.usable(Vector3.ZERO, 0.0).id, 1, "after removal")
	things.free()


func _plan() -> Layout:
	var plan := Layout.new()
	plan.read(_district(7))
	return plan


func _district(seed: int) -> Dictionary:
	return {
		"name": "Test",
		"theme": "",
		"size": 130.0,
		"seed": seed,
		"plaza": [40, -90, 60, 60],
		"parcels": [[0, 0, 0], [70, 0, 16], [0, 70, 32], [70, 70, 48]],
		"lanes": [[60, 0, 10, 130], [0, 60, 130, 10]],
	}


func _digest(scatter: Scatter) -> int:
	var all: Array = []
	for chunk in scatter.chunks:
		for item: Scatter.Item in scatter.chunks[chunk]:
			all.append([item.kind, item.at, item.yaw, item.size])
	return hash(all)
