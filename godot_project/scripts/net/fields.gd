extends RefCounted
## Reads fields out of a message that may hold anything; a wrong type gives the default.

const LIMIT := 1.0e6


static func number(from: Dictionary, key: String, default: float = 0.0) -> float:
	var value: Variant = from.get(key)
	if (value is float or value is int) and is_finite(value as float):
		return clampf(value as float, -LIMIT * LIMIT, LIMIT * LIMIT)
	return default


static func whole(from: Dictionary, key: String, default: int = 0) -> int:
	return int(number(from, key, float(default)))


static func text(from: Dictionary, key: String, default: String = "") -> String:
	var value: Variant = from.get(key)
	return value as String if value is String else default


static func flag(from: Dictionary, key: String, default: bool = false) -> bool:
	var value: Variant = from.get(key)
	return value as bool if value is bool else default


static func object(from: Dictionary, key: String) -> Dictionary:
	var value: Variant = from.get(key)
	return value as Dictionary if value is Dictionary else {}


## The numbers of a list, cut to `limit`; what is not a number counts as 0.
static func numbers(from: Variant, limit: int = 16) -> PackedFloat32Array:
	var found := PackedFloat32Array()
	if from is Array:
		for value: Variant in (from as Array).slice(0, limit):
			var fine: bool = (value is float or value is int) and is_finite(value as float)
			found.append(clampf(value as float, -LIMIT, LIMIT) if fine else 0.0)
	return found


static func vector(from: Dictionary, key: String, default: Vector3 = Vector3.ZERO) -> Vector3:
	var parts := numbers(from.get(key), 3)
	return Vector3(parts[0], parts[1], parts[2]) if parts.size() == 3 else default


## A rectangle [x, z, width, depth] in metres.
static func rect(from: Variant) -> Rect2:
	var parts := numbers(from, 4)
	if parts.size() < 4:
		return Rect2()
	return Rect2(parts[0], parts[1], maxf(parts[2], 0.0), maxf(parts[3], 0.0))


## A colour written "#rrggbb".
static func color(from: Dictionary, key: String, default: Color) -> Color:
	return Color.from_string(text(from, key), default)


static func words(from: Dictionary, key: String) -> Array[String]:
	var found: Array[String] = []
	var value: Variant = from.get(key)
	if value is Array:
		for word: Variant in value as Array:
			if word is String:
				found.append(word as String)
	return found
