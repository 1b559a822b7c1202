extends RefCounted
## Packs and unpacks frames. What comes in is hostile until checked: a bad frame gives nothing.

const Wire := preload("res://scripts/net/wire.gd")

const UNITS := float(Wire.UNITS_PER_METRE)
const MODULO := Wire.SNAPSHOT_MODULO_M * Wire.UNITS_PER_METRE


## One decoded snapshot. Positions are unwrapped near the point given to `read_snapshot`.
class Snapshot:
	var sequence := 0
	var tick := 0
	var corrected := false
	var correction := Vector3.ZERO
	var blocks: Array[Block] = []


class Block:
	var cell := 0
	var keyframe := false
	var records: Array[Record] = []
	var left := PackedInt32Array()


class Record:
	var slot := 0
	var at := Vector3.ZERO
	var yaw := 0.0
	var anim := 0


static func write_move(sequence: int, at: Vector3, yaw: float, anim: int) -> PackedByteArray:
	var frame := PackedByteArray()
	frame.resize(Wire.MOVE_SIZE)
	var offsets := Wire.MOVE_OFFSETS
	frame.encode_u8(offsets[0], Wire.MOVE)
	frame.encode_u16(offsets[2], sequence & 0xFFFF)
	frame.encode_s32(offsets[3], roundi(at.x * UNITS))
	frame.encode_s32(offsets[4], roundi(at.y * UNITS))
	frame.encode_s32(offsets[5], roundi(at.z * UNITS))
	frame.encode_u8(offsets[6], pack_yaw(yaw))
	frame.encode_u8(offsets[7], anim & 0xFF)
	return frame


## Returns null when the frame is no snapshot or is cut short.
static func read_snapshot(frame: PackedByteArray, near: Vector3) -> Snapshot:
	if frame.size() < Wire.SNAPSHOT_SIZE or frame.decode_u8(0) != Wire.SNAPSHOT:
		return null
	var found := Snapshot.new()
	found.sequence = frame.decode_u16(Wire.SNAPSHOT_OFFSETS[2])
	found.tick = frame.decode_u32(Wire.SNAPSHOT_OFFSETS[3])
	var at := Wire.SNAPSHOT_SIZE
	if frame.decode_u8(Wire.SNAPSHOT_OFFSETS[1]) & Wire.SNAP_CORRECTION:
		if frame.size() < at + Wire.CORRECTION_SIZE:
			return null
		found.corrected = true
		found.correction = (
			Vector3(frame.decode_s32(at), frame.decode_s32(at + 4), frame.decode_s32(at + 8))
			/ UNITS
		)
		at += Wire.CORRECTION_SIZE
	while at < frame.size():
		var block := Block.new()
		at = _read_block(frame, at, near, block)
		if at < 0:
			return null
		found.blocks.append(block)
	return found


static func pack_yaw(yaw: float) -> int:
	return posmod(roundi(yaw / TAU * 256.0), 256)


## The value nearest to `near` metres that equals `units` modulo 1,024 m.
static func unwrap(units: int, near: float) -> float:
	var base := roundi(near * UNITS)
	var half := MODULO >> 1
	return (base + posmod(units - base + half, MODULO) - half) / UNITS


## Reads a text frame; returns an empty dictionary when it is no message of the wire.
static func read_message(text: String) -> Dictionary:
	var reader := JSON.new()
	if reader.parse(text) != OK or not reader.data is Dictionary:
		return {}
	var message := reader.data as Dictionary
	var kind: Variant = message.get("t")
	if not kind is String or not Wire.HOST_MESSAGES.has(kind):
		return {}
	var fields: Dictionary = Wire.HOST_MESSAGES[kind]
	for field: String in fields:
		if not _fits(message.get(field), fields[field] as String):
			return {}
	return message


## Reads one block at `at`; returns the offset behind it, or -1 when the frame ends too soon.
static func _read_block(frame: PackedByteArray, at: int, near: Vector3, block: Block) -> int:
	if frame.size() < at + Wire.BLOCK_SIZE:
		return -1
	var offsets := Wire.BLOCK_OFFSETS
	block.cell = frame.decode_u16(at + offsets[0])
	block.keyframe = frame.decode_u8(at + offsets[1]) & Wire.BLOCK_KEYFRAME != 0
	var records := frame.decode_u16(at + offsets[3])
	var left := frame.decode_u16(at + offsets[4])
	at += Wire.BLOCK_SIZE
	if frame.size() < at + records * Wire.RECORD_SIZE + left * Wire.LEFT_SIZE:
		return -1
	for count in records:
		var record := Record.new()
		record.slot = frame.decode_u16(at)
		record.at = Vector3(
			unwrap(frame.decode_u16(at + 2), near.x),
			unwrap(frame.decode_u16(at + 4), near.y),
			unwrap(frame.decode_u16(at + 6), near.z)
		)
		record.yaw = frame.decode_u8(at + 8) / 256.0 * TAU
		record.anim = frame.decode_u8(at + 9)
		block.records.append(record)
		at += Wire.RECORD_SIZE
	for count in left:
		block.left.append(frame.decode_u16(at))
		at += Wire.LEFT_SIZE
	return at


static func _fits(value: Variant, kind: String) -> bool:
	if kind.ends_with("?"):
		return value == null or _fits(value, kind.trim_suffix("?"))
	if kind.begins_with("list["):
		if not value is Array:
			return false
		var inner := kind.trim_prefix("list[").trim_suffix("]")
		for item: Variant in value as Array:
			if not _fits(item, inner):
				return false
		return true
	match kind:
		"int", "float":
			return value is float or value is int
		"str":
			return value is String
		"bool":
			return value is bool
		"object":
			return value is Dictionary
		"list":
			return value is Array
	return true
