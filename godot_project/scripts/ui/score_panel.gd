extends PanelContainer
## The scoreboard of the match one takes part in.

const Fields := preload("res://scripts/net/fields.gd")
const Look := preload("res://scripts/ui/look.gd")
const Palette := preload("res://scripts/world/palette.gd")

const ROWS := 8
const STAY_S := 8.0

var own_id := 0

var _title := Look.label("", "Head")
var _time := Look.label("", "Big")
var _goal := Look.label("", "Small")
var _bar := ProgressBar.new()
var _rows := VBoxContainer.new()
var _unit := ""
## Placement, phase and time left of the last message.
var _told: Array = []
var _left := 0.0
var _whole := 1.0
var _running := false
var _gone_in := 0.0


func take(score: Dictionary) -> void:
	visible = true
	_gone_in = STAY_S
	_title.text = Fields.text(score, "title").left(40)
	_running = not Fields.text(score, "phase") in ["over", "finished", "end", "ended", "done"]
	# A score in the middle of a phase may repeat the time that the phase began with.
	var left := clampf(Fields.number(score, "left"), 0.0, 86400.0)
	var told := [Fields.whole(score, "placement"), Fields.text(score, "phase"), left]
	if told != _told:
		_told = told
		_left = left
	_whole = maxf(_whole, _left) if _running else 1.0
	_unit = Fields.text(score, "unit").left(16)
	var goal := Fields.whole(score, "goal")
	_goal.visible = goal > 0
	_goal.text = "%s: %d" % [tr("goal"), goal]
	for child in _rows.get_children():
		_rows.remove_child(child)
		child.queue_free()
	var players := score["players"] as Array
	players = players.duplicate()
	players.sort_custom(
		func(a: Dictionary, b: Dictionary) -> bool:
			return Fields.number(a, "score") > Fields.number(b, "score")
	)
	for place in mini(players.size(), ROWS):
		_rows.add_child(_row(place + 1, players[place] as Dictionary))


## What Tab shows when there is no match.
func show_empty() -> void:
	if visible:
		return
	take({"title": tr("nobody_plays"), "phase": "over", "left": 0.0, "players": []})
	_gone_in = 2.5


func advance(delta: float) -> void:
	if not visible:
		return
	if _running:
		_left = maxf(0.0, _left - delta)
		_time.text = "%d %s" % [ceili(_left), tr("seconds")]
		_time.modulate = Palette.CORAL if _left < 6.0 else Color.WHITE
	else:
		_time.text = tr("over") if _rows.get_child_count() > 0 else ""
		_time.modulate = Palette.GOLD
	_bar.visible = _running
	_bar.value = _left / _whole * 100.0
	_gone_in -= delta
	if _gone_in <= 0.0:
		visible = false
		_told = []
		_whole = 1.0


func _init() -> void:
	visible = false
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	custom_minimum_size.x = 260.0
	var column := VBoxContainer.new()
	add_child(column)
	var head := HBoxContainer.new()
	_title.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	head.add_child(_title)
	head.add_child(_time)
	column.add_child(head)
	_bar.show_percentage = false
	_bar.custom_minimum_size.y = 6.0
	column.add_child(_bar)
	column.add_child(_goal)
	_rows.add_theme_constant_override("separation", 3)
	column.add_child(_rows)


func _row(place: int, player: Dictionary) -> Control:
	var own := Fields.whole(player, "id", -1) == own_id
	var box := PanelContainer.new()
	var fill := Color(Palette.GOLD, 0.24) if own else Color(1, 1, 1, 0.05)
	var style := Look.panel(7.0, fill)
	style.content_margin_top = 2.0
	style.content_margin_bottom = 2.0
	style.set_border_width_all(0)
	box.add_theme_stylebox_override("panel", style)
	var row := HBoxContainer.new()
	row.add_child(Look.label(str(place), "Small"))
	var name := Look.label(Fields.text(player, "name", "?").left(24))
	name.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	row.add_child(name)
	row.add_child(Look.label("%d" % Fields.whole(player, "score"), "Head"))
	if own and not _unit.is_empty():
		row.add_child(Look.label(_unit, "Small"))
	box.add_child(row)
	return box
