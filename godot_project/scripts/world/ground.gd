extends Node3D
## The ground of a district: plots with their curbs, lanes, the avenue around, the land beyond.

const Kit := preload("res://scripts/world/mesh_kit.gd")
const Layout := preload("res://scripts/world/layout.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Surfaces := preload("res://scripts/world/surfaces.gd")

const CURB := 0.36
const PATCHES := 3


## Builds everything for `plan`; what was there before is gone.
func build(plan: Layout) -> void:
	for child in get_children():
		child.queue_free()
	for block in plan.blocks.size():
		_block(plan, block)
	_lanes(plan)
	_avenue(plan)
	_beyond(plan)


static func plot_kind(plan: Layout, tierra: int) -> int:
	return plan.dice(tierra).randi() % 6


func _show(kit: Kit, material: Material) -> void:
	if kit.is_empty():
		return
	var shown := MeshInstance3D.new()
	shown.mesh = kit.commit(material)
	shown.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(shown)


func _block(plan: Layout, block: int) -> void:
	var lawn := Kit.new()
	var stone := Kit.new()
	var area := plan.blocks[block]
	for z in Layout.SIDE:
		for x in Layout.SIDE:
			var tierra := plan.tierra(block, x, z)
			_plot(lawn, Layout.plot(area, x, z), plan.dice(tierra), plot_kind(plan, tierra))
	var dark := Palette.STONE_DARK
	for line in Layout.SIDE + 1:
		var edge := line == 0 or line == Layout.SIDE
		var wide := CURB if edge else 0.18
		var high := 0.07 if edge else 0.035
		var along := line * Layout.TIERRA
		var middle := Layout.BLOCK * 0.5
		var foot := Vector3(area.position.x, Layout.STREET_Y, area.position.y)
		var tall := high - Layout.STREET_Y
		stone.box(
			foot + Vector3(along, 0.0, middle),
			Vector3(wide, tall, Layout.BLOCK + CURB),
			dark,
			Palette.STONE
		)
		# The crossing lines are a hair lower, so that tops never fight.
		stone.box(
			foot + Vector3(middle, 0.0, along),
			Vector3(Layout.BLOCK + CURB, tall - 0.008, wide),
			dark,
			Palette.STONE
		)
	_show(lawn, Surfaces.grass())
	_show(stone, Palette.plain())


func _plot(kit: Kit, area: Rect2, dice: RandomNumberGenerator, kind: int) -> void:
	var tones: Array[Color] = [
		Palette.GRASS,
		Palette.GRASS,
		Palette.GRASS_DEEP,
		Palette.GRASS_DRY,
		Palette.GRASS,
		Palette.EARTH
	]
	var step := Layout.TIERRA / PATCHES
	for z in PATCHES:
		for x in PATCHES:
			var patch := Rect2(area.position + Vector2(x, z) * step, Vector2.ONE * step)
			var tone := tones[kind].lerp(Palette.GRASS_DRY, dice.randf() * 0.3)
			kit.ground(patch, 0.0, tone.darkened(dice.randf() * 0.07))


func _lanes(plan: Layout) -> void:
	var kit := Kit.new()
	var gutters := Kit.new()
	var crossed: Array[Rect2] = []
	for lane in plan.lanes:
		# Lanes cross: the later one is cut, so that no two surfaces lie in one place.
		for piece in _cut(lane, crossed):
			kit.ground(piece, Layout.STREET_Y, Palette.PAVING)
			_gutter(gutters, piece)
		crossed.append(lane)
	_show(kit, Surfaces.paving())
	_show(gutters, Surfaces.cobbles())


func _gutter(kit: Kit, lane: Rect2) -> void:
	if minf(lane.size.x, lane.size.y) < 5.0:
		return
	var y := Layout.STREET_Y + 0.012
	var tone := Palette.PAVING_DARK
	var band := 0.7
	if lane.size.x > lane.size.y:
		kit.ground(Rect2(lane.position, Vector2(lane.size.x, band)), y, tone)
		kit.ground(Rect2(lane.position.x, lane.end.y - band, lane.size.x, band), y, tone)
	else:
		kit.ground(Rect2(lane.position, Vector2(band, lane.size.y)), y, tone)
		kit.ground(Rect2(lane.end.x - band, lane.position.y, band, lane.size.y), y, tone)


static func _cut(lane: Rect2, crossed: Array[Rect2]) -> Array[Rect2]:
	var pieces: Array[Rect2] = [lane]
	for other in crossed:
		var next: Array[Rect2] = []
		for piece in pieces:
			next.append_array(subtract(piece, other))
		pieces = next
	return pieces


## What is left of `from` without `hole`, as rectangles that do not overlap.
static func subtract(from: Rect2, hole: Rect2) -> Array[Rect2]:
	var cut := from.intersection(hole)
	if not cut.has_area():
		return [from]
	var parts: Array[Rect2] = [
		Rect2(from.position, Vector2(from.size.x, cut.position.y - from.position.y)),
		Rect2(from.position.x, cut.end.y, from.size.x, from.end.y - cut.end.y),
		Rect2(from.position.x, cut.position.y, cut.position.x - from.position.x, cut.size.y),
		Rect2(cut.end.x, cut.position.y, from.end.x - cut.end.x, cut.size.y),
	]
	return parts.filter(func(part: Rect2) -> bool: return part.has_area())


## Bands of the avenue, from the district outwards: where each starts and ends, in metres.
func _avenue(plan: Layout) -> void:
	var walk := Kit.new()
	var road := Kit.new()
	var green := Kit.new()
	var marks := Kit.new()
	var y := Layout.STREET_Y
	var square := plan.square()
	_ring(walk, square, 0.0, 6.0, y, Palette.PAVING, plan.plaza)
	_ring(road, square, 6.0, 13.0, y - 0.04, Palette.ASPHALT, plan.plaza)
	_ring(green, square, 13.0, 17.0, y + 0.06, Palette.GRASS_DEEP, plan.plaza)
	_ring(road, square, 17.0, 24.0, y - 0.04, Palette.ASPHALT, plan.plaza)
	_ring(walk, square, 24.0, 30.0, y, Palette.PAVING, plan.plaza)
	for edge: Array in [[5.7, 6.0], [12.8, 13.2], [16.8, 17.2], [24.0, 24.3]]:
		_ring(marks, square, edge[0], edge[1], y + 0.075, Palette.STONE, plan.plaza)
	for middle: float in [9.5, 20.5]:
		_dashes(marks, square, middle, y - 0.02, plan.plaza)
	_crossings(plan, marks, walk)
	_show(walk, Surfaces.paving())
	_show(road, Surfaces.asphalt())
	_show(green, Surfaces.grass())
	_show(marks, Palette.plain())


func _ring(
	kit: Kit, square: Rect2, from: float, to: float, y: float, color: Color, hole: Rect2
) -> void:
	var inner := square.grow(from)
	for part in subtract(square.grow(to), inner):
		for piece in subtract(part, hole):
			kit.ground(piece, y, color)


func _dashes(kit: Kit, square: Rect2, away: float, y: float, hole: Rect2) -> void:
	var line := square.grow(away)
	var along := 6.0
	while along < line.size.x - 8.0:
		for dash: Rect2 in [
			Rect2(line.position.x + along, line.position.y, 3.0, 0.16),
			Rect2(line.position.x + along, line.end.y, 3.0, 0.16),
			Rect2(line.position.x, line.position.y + along, 0.16, 3.0),
			Rect2(line.end.x, line.position.y + along, 0.16, 3.0),
		]:
			if not dash.intersects(hole):
				kit.ground(dash, y, Palette.MARKING)
		along += 8.0


## Where a lane meets the avenue: stripes over the roads and a paved gap in the green.
func _crossings(plan: Layout, marks: Kit, walk: Kit) -> void:
	var y := Layout.STREET_Y
	for lane in plan.lanes:
		var tall := lane.size.y > lane.size.x
		for end: float in [-1.0, 1.0]:
			for stripe in 8:
				var side := 1.2 + stripe
				for road: float in [6.4, 17.4]:
					var out := -road - 6.2 if end < 0.0 else plan.size + road
					var at := Vector2(lane.position.x + side, out)
					var shape := Vector2(0.55, 6.2)
					if not tall:
						at = Vector2(out, lane.position.y + side)
						shape = Vector2(6.2, 0.55)
					if not plan.plaza.has_point(at):
						marks.ground(Rect2(at, shape), y - 0.02, Palette.MARKING)
			var gap := -17.0 if end < 0.0 else plan.size + 13.0
			var bridge := Rect2(lane.position.x + 0.8, gap, 8.4, 4.0)
			if not tall:
				bridge = Rect2(gap, lane.position.y + 0.8, 4.0, 8.4)
			if not plan.plaza.intersects(bridge):
				walk.ground(bridge, y + 0.085, Palette.PAVING)


## Meadows and the sea: what lies beyond the last pavement.
func _beyond(plan: Layout) -> void:
	var land := Kit.new()
	var edge := plan.square().grow(Layout.AVENUE)
	var coast := edge.grow(420.0)
	for part in subtract(coast, edge):
		for piece in subtract(part, plan.plaza):
			land.ground(piece, Layout.STREET_Y - 0.05, Palette.GRASS.lerp(Palette.GRASS_DRY, 0.4))
	_show(land, Surfaces.grass())
	var sea := Kit.new()
	for part in subtract(edge.grow(2400.0), coast):
		sea.ground(part, -1.2, Palette.WATER)
	_show(sea, Palette.plain())
