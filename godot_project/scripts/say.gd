extends RefCounted
## Prints what tools and tests follow: one line `MALL {json}` for each important event.


static func event(name: String, facts: Dictionary = {}) -> void:
	var line := {"event": name}
	line.merge(facts)
	print("MALL ", JSON.stringify(line, "", false))
