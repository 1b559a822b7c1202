extends RefCounted
## The plan of a district, worked out from the host's `district` message. Pure: no nodes.

enum Surface { OUTSIDE, AVENUE, LANE, PLOT, PLAZA }

const Fields := preload("res://scripts/net/fields.gd")

const TIERRA := 15.0
const SIDE := 4
const BLOCK := TIERRA * SIDE
const AVENUE := 30.0
## Streets lie lower than plots by so much, only to the eye.
const STREET_Y := -0.1

var name := ""
var theme := ""
var seed := 0
var size := 550.0
var blocks: Array[Rect2] = []
var first_tierra := PackedInt32Array()
var lanes: Array[Rect2] = []
var plaza := Rect2()


func read(district: Dictionary) -> void:
	name = Fields.text(district, "name")
	theme = Fields.text(district, "theme")
	seed = Fields.whole(district, "seed")
	size = clampf(Fields.number(district, "size", 550.0), BLOCK, 4000.0)
	plaza = Fields.rect(district.get("plaza"))
	blocks.clear()
	first_tierra.clear()
	for item: Variant in (district["parcels"] as Array).slice(0, 1024):
		var block := Fields.numbers(item, 3)
		if block.size() == 3:
			blocks.append(Rect2(block[0], block[1], BLOCK, BLOCK))
			first_tierra.append(int(block[2]))
	lanes.clear()
	for item: Variant in (district["lanes"] as Array).slice(0, 1024):
		var lane := Fields.rect(item)
		if lane.has_area():
			lanes.append(lane)


func square() -> Rect2:
	return Rect2(0.0, 0.0, size, size)


func walkable() -> Array[Rect2]:
	var areas: Array[Rect2] = [square().grow(AVENUE)]
	if plaza.has_area():
		areas.append(plaza)
	return areas


func surface(at: Vector2) -> Surface:
	if plaza.has_point(at):
		return Surface.PLAZA
	if not square().has_point(at):
		return Surface.AVENUE if square().grow(AVENUE).has_point(at) else Surface.OUTSIDE
	for lane in lanes:
		if lane.has_point(at):
			return Surface.LANE
	return Surface.PLOT


## The height that is shown under `at`.
func ground(at: Vector3) -> float:
	match surface(Vector2(at.x, at.z)):
		Surface.AVENUE, Surface.LANE:
			return STREET_Y
	return 0.0


## The number of the Tierra at column `x` and row `z` of block `block`.
func tierra(block: int, x: int, z: int) -> int:
	var morton := (x & 1) | (z & 1) << 1 | (x & 2) << 1 | (z & 2) << 2
	return first_tierra[block] + morton


static func plot(block: Rect2, x: int, z: int) -> Rect2:
	return Rect2(block.position + Vector2(x, z) * TIERRA, Vector2.ONE * TIERRA)


## A random source that is the same for all clients of a district.
func dice(salt: int) -> RandomNumberGenerator:
	var made := RandomNumberGenerator.new()
	made.seed = hash(seed * 1000003 + salt)
	return made
