extends RefCounted
## What a suite of tests needs: checks that collect problems.

var problems: Array[String] = []


func check(fine: bool, what: String) -> void:
	if not fine:
		problems.append(what)


func same(got: Variant, wanted: Variant, what: String) -> void:
	if got != wanted:
		problems.append("%s: got %s, wanted %s" % [what, got, wanted])


func near(got: float, wanted: float, margin: float, what: String) -> void:
	if not absf(got - wanted) <= margin:
		problems.append("%s: got %s, wanted %s within %s" % [what, got, wanted, margin])
