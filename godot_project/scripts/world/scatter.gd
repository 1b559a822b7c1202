extends RefCounted
## Decides what stands where in a district: the same for all clients by its seed. Pure.

const Layout := preload("res://scripts/world/layout.gd")
const Ground := preload("res://scripts/world/ground.gd")

## Side of a chunk in metres: one block and one lane.
const CHUNK := 70.0


## One thing of the scenery.
class Item:
	var kind := ""
	var at := Vector3.ZERO
	var yaw := 0.0
	var size := 1.0


var chunks: Dictionary[Vector2i, Array] = {}

var _plan: Layout = null
var _taken: Array[Rect2] = []


static func chunk_of(at: Vector3) -> Vector2i:
	return Vector2i(floori(at.x / CHUNK), floori(at.z / CHUNK))


## Fills `chunks`; nothing but street furniture stands on the rectangles in `taken`.
func fill(plan: Layout, taken: Array[Rect2]) -> void:
	_plan = plan
	_taken = taken
	chunks.clear()
	for block in plan.blocks.size():
		for z in Layout.SIDE:
			for x in Layout.SIDE:
				_plot(block, x, z)
	_lanes()
	_avenue()


func _put(kind: String, at: Vector2, yaw: float = 0.0, size: float = 1.0) -> void:
	var item := Item.new()
	item.kind = kind
	item.at = Vector3(at.x, 0.0, at.y)
	item.at.y = _plan.ground(item.at)
	item.yaw = yaw
	item.size = size
	var list: Array = chunks.get_or_add(chunk_of(item.at), [])
	list.append(item)


func _plot(block: int, x: int, z: int) -> void:
	var area := Layout.plot(_plan.blocks[block], x, z)
	for taken in _taken:
		if taken.intersects(area):
			return
	var tierra := _plan.tierra(block, x, z)
	var dice := _plan.dice(tierra + 77777)
	_put("marker", area.position + Vector2(0.75, 0.75))
	match Ground.plot_kind(_plan, tierra):
		0:
			_strew(area, dice, {"tuft": 7, "daisies": 5, "bush": 1})
		1:
			_strew(area, dice, {"tuft": 5, "poppies": 6, "round": 1})
		2:
			_orchard(area, dice)
		3:
			_strew(area, dice, {"tuft": 12, "poppies": 3, "stone": 2, "pine": 1})
		4:
			_hedge(area, dice)
		5:
			_strew(area, dice, {"stone": 3, "bush": 3, "tuft": 3, "cypress": 2})


func _strew(area: Rect2, dice: RandomNumberGenerator, counts: Dictionary) -> void:
	for kind: String in counts:
		for index: int in counts[kind]:
			var at := (
				area.position + Vector2(dice.randf_range(1.4, 13.6), dice.randf_range(1.4, 13.6))
			)
			_put(kind, at, dice.randf() * TAU, dice.randf_range(0.8, 1.25))


func _orchard(area: Rect2, dice: RandomNumberGenerator) -> void:
	var kind := "blossom" if dice.randf() < 0.5 else "round"
	for x in 2:
		for z in 2:
			var at := area.position + Vector2(4.4 + 6.2 * x, 4.4 + 6.2 * z)
			at += Vector2(dice.randf_range(-0.6, 0.6), dice.randf_range(-0.6, 0.6))
			_put(kind, at, dice.randf() * TAU, dice.randf_range(0.7, 0.95))
	_strew(area, dice, {"daisies": 4, "tuft": 4})


func _hedge(area: Rect2, dice: RandomNumberGenerator) -> void:
	for index in 7:
		var along := 2.0 + index * 1.85
		for at: Vector2 in [Vector2(along, 2.0), Vector2(along, 13.0)]:
			_put("bush", area.position + at, dice.randf() * TAU, dice.randf_range(0.9, 1.15))
	_put("planter", area.get_center(), dice.randf() * TAU)
	_strew(area, dice, {"daisies": 3, "tuft": 2})


## Along lanes: lamps in turn left and right, benches and planters between.
func _lanes() -> void:
	for lane in _plan.lanes:
		var tall := lane.size.y > lane.size.x
		var length := lane.size.y if tall else lane.size.x
		var wide := lane.size.x if tall else lane.size.y
		var dice := _plan.dice(int(lane.position.x * 7.0 + lane.position.y))
		for index in floori(length / 15.0):
			var along := 7.5 + index * 15.0
			if fposmod(along, CHUNK) > Layout.BLOCK:
				continue
			var left := index % 2 == 0
			var side := 1.0 if left else wide - 1.0
			var face := PI * 0.5 if left else -PI * 0.5
			_lane_item(lane, tall, along, side, "lamp", face)
			var other := wide - side
			var kind := "bench" if dice.randf() < 0.55 else "planter"
			_lane_item(lane, tall, along, other, kind, -face)


func _lane_item(
	lane: Rect2, tall: bool, along: float, side: float, kind: String, yaw: float
) -> void:
	if tall:
		_put(kind, lane.position + Vector2(side, along), yaw + PI)
	else:
		_put(kind, lane.position + Vector2(along, side), yaw - PI * 0.5)


## Round the district: a row of trees on each pavement, cypresses and flowers in the middle.
func _avenue() -> void:
	var dice := _plan.dice(4242)
	_row(3.2, 12.0, 6.0, "round", dice, 0.95)
	_row(4.6, 24.0, 0.0, "lamp", dice, 1.0)
	_row(2.0, 24.0, 12.0, "bench", dice, 1.0)
	_row(15.0, 12.0, 0.0, "cypress", dice, 0.95)
	_row(15.0, 12.0, 6.0, "lamp", dice, 1.15)
	for shift in 4:
		_row(
			14.2 + shift * 0.5,
			4.0,
			shift * 1.1 + 1.0,
			["poppies", "daisies", "tuft", "bush"][shift],
			dice,
			0.9
		)
	_row(25.6, 24.0, 6.0, "lamp", dice, 1.0)
	_row(27.6, 12.0, 0.0, "pine", dice, 0.9)


func _row(
	away: float, step: float, start: float, kind: String, dice: RandomNumberGenerator, size: float
) -> void:
	var line := _plan.square().grow(away)
	var along := start
	while along < line.size.x - 3.0:
		for side in 4:
			var at := line.position + Vector2(along, 0.0)
			match side:
				1:
					at = Vector2(line.end.x, line.position.y + along)
				2:
					at = line.end - Vector2(along, 0.0)
				3:
					at = Vector2(line.position.x, line.end.y - along)
			if _open(at):
				var yaw := -side * PI * 0.5 if kind == "bench" else dice.randf() * TAU
				_put(kind, at, yaw, size * dice.randf_range(0.92, 1.08))
		along += step


## False where a lane meets the avenue, and on the plaza.
func _open(at: Vector2) -> bool:
	if _plan.plaza.grow(1.0).has_point(at):
		return false
	for lane in _plan.lanes:
		if lane.size.y > lane.size.x:
			if at.x > lane.position.x - 1.0 and at.x < lane.end.x + 1.0:
				return false
		elif at.y > lane.position.y - 1.0 and at.y < lane.end.y + 1.0:
			return false
	return true
