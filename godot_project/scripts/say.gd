extends RefCounted
## Prints what tools and tests follow: one line `MALL {json}` for each important event.


static func event(name: String, facts: Dictionary = {}) -> void:
	var line := {"event": name}
	line.merge(facts)
	print("MALL ", JSON.stringify(_whole(line, 0), "", false))


## JSON knows one kind of number, and ids came as floats: whole ones are written as integers.
static func _whole(value: Variant, depth: int) -> Variant:
	if value is float and value == floorf(value as float) and absf(value as float) < 9.0e15:
		return int(value as float)
	if depth > 6:
		return value
	if value is Dictionary:
		var facts := {}
		for key: Variant in value as Dictionary:
			facts[key] = _whole((value as Dictionary)[key], depth + 1)
		return facts
	if value is Array:
		return (value as Array).map(func(one: Variant) -> Variant: return _whole(one, depth + 1))
	return value
