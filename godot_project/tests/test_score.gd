extends "res://tests/suite.gd"
## The clock of the scoreboard.

const Score := preload("res://scripts/ui/score_panel.gd")


func test_a_repeated_time_does_not_turn_the_clock_back() -> void:
	var panel := Score.new()
	panel.own_id = 5
	panel.take(_score("running", 45.0))
	panel.advance(3.0)
	panel.take(_score("running", 45.0))
	panel.advance(0.0)
	same(panel._time.text.left(2), "42", "the same time again")
	panel.take(_score("running", 30.0))
	panel.advance(0.0)
	same(panel._time.text.left(2), "30", "a new time")
	panel.take(_score("lobby", 3.0))
	panel.take(_score("running", 45.0))
	panel.advance(0.0)
	same(panel._time.text.left(2), "45", "the next round")
	panel.free()


func _score(phase: String, left: float) -> Dictionary:
	var players := [{"id": 5.0, "name": "Ada", "score": 3.0}]
	return {"placement": 1.0, "phase": phase, "left": left, "players": players, "unit": "points"}
