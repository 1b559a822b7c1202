extends RefCounted
## A placement: what it is and where, as the host's `places` message says.

const Fields := preload("res://scripts/net/fields.gd")

var id := 0
var kind := ""
var title := ""
var area := Rect2()
var height := 20.0
var players := 0
var most := 0
var color := Color.WHITE


## False when the facts give no rectangle to stand on.
func read(facts: Dictionary) -> bool:
	id = Fields.whole(facts, "id")
	kind = Fields.text(facts, "kind").left(16)
	title = Fields.text(facts, "title", kind).left(48)
	area = Fields.rect(facts.get("rect"))
	height = clampf(Fields.number(facts, "height", 20.0), 1.0, 200.0)
	players = Fields.whole(facts, "players")
	most = Fields.whole(facts, "max")
	color = Fields.color(facts, "color", Color("f2b84b"))
	return id > 0 and area.has_area() and area.get_area() < 1.0e6


func middle() -> Vector3:
	var point := area.get_center()
	return Vector3(point.x, 0.0, point.y)
