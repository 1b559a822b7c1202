extends "res://tests/suite.gd"
## Frames and messages of the wire.

const Codec := preload("res://scripts/net/codec.gd")
const Fields := preload("res://scripts/net/fields.gd")
const Wire := preload("res://scripts/net/wire.gd")


func test_formats_are_those_the_codec_was_written_for() -> void:
	same(Wire.MOVE_FORMAT, "<BBHiiiBBH", "move")
	same(Wire.SNAPSHOT_FORMAT, "<BBHI", "snapshot")
	same(Wire.CORRECTION_FORMAT, "<iii", "correction")
	same(Wire.BLOCK_FORMAT, "<HBBHH", "block")
	same(Wire.RECORD_FORMAT, "<HHHHBB", "record")
	same(Wire.LEFT_FORMAT, "<H", "left")


func test_move_holds_what_was_put_in() -> void:
	var frame := Codec.write_move(0x12345, Vector3(-30.5, 1.25, 579.984375), -PI * 0.5, 2)
	same(frame.size(), Wire.MOVE_SIZE, "size")
	same(frame.decode_u8(0), Wire.MOVE, "kind")
	same(frame.decode_u16(2), 0x2345, "sequence")
	same(frame.decode_s32(4), -1952, "x")
	same(frame.decode_s32(8), 80, "y")
	same(frame.decode_s32(12), 37119, "z")
	same(frame.decode_u8(16), 192, "yaw")
	same(frame.decode_u8(17), 2, "anim")


func test_snapshot_is_read_whole() -> void:
	var found := Codec.read_snapshot(_snapshot(), Vector3(1020.0, 0.0, -3.0))
	check(found != null, "refused")
	if found == null:
		return
	same(found.sequence, 7, "sequence")
	same(found.tick, 100000, "tick")
	check(found.corrected, "correction flag")
	same(found.correction, Vector3(1.0, 0.0, -2.0), "correction")
	same(found.blocks.size(), 1, "blocks")
	var block := found.blocks[0]
	same(block.cell, 9, "cell")
	check(block.keyframe, "keyframe")
	same(block.left, PackedInt32Array([55]), "left")
	same(block.records[0].slot, 300, "slot")
	# 4 m modulo 1,024 m is 1,028 m for somebody at 1,020 m; 1,020 m is -4 m for one at -3 m.
	same(block.records[0].at, Vector3(1028.0, 1.0, -4.0), "place")
	near(block.records[0].yaw, PI, 0.0001, "yaw")
	same(block.records[0].anim, Wire.ANIM_RUN, "anim")


func test_every_cut_of_a_snapshot_is_refused_or_read() -> void:
	var whole := _snapshot()
	var fine := [Wire.SNAPSHOT_SIZE + Wire.CORRECTION_SIZE, whole.size()]
	for length in whole.size() + 1:
		var read := Codec.read_snapshot(whole.slice(0, length), Vector3.ZERO) != null
		same(read, length in fine, "cut at %d" % length)


func test_random_bytes_never_break_the_reader() -> void:
	var dice := RandomNumberGenerator.new()
	dice.seed = 4
	for attempt in 500:
		var frame := PackedByteArray([Wire.SNAPSHOT])
		for index in dice.randi_range(0, 60):
			frame.append(dice.randi() & 0xFF)
		Codec.read_snapshot(frame, Vector3.ZERO)
	check(Codec.read_snapshot(PackedByteArray(), Vector3.ZERO) == null, "empty frame")


func test_unwrap_finds_the_nearest_place() -> void:
	var dice := RandomNumberGenerator.new()
	dice.seed = 5
	for attempt in 500:
		var units := dice.randi_range(-200000, 200000)
		var near_m := units / 64.0 + dice.randf_range(-500.0, 500.0)
		same(Codec.unwrap(posmod(units, 65536), near_m), units / 64.0, "unwrap %d" % units)


func test_messages_are_checked_against_the_schema() -> void:
	same(Codec.read_message('{"t":"toast","text":"a","kind":"info"}')["text"], "a", "good one")
	same(Codec.read_message('{"t":"chat","from":1,"name":"a","text":"b"}').size(), 4, "optional")
	for bad: String in [
		"",
		"[]",
		"{",
		'{"t":5}',
		'{"t":"toast","text":5,"kind":"info"}',
		'{"t":"toast","text":"a"}',
		'{"t":"spawn","entities":[1]}',
		'{"t":"spawn","entities":{}}',
		'{"t":"remove","ids":["a"]}',
		'{"t":"from_the_future"}',
	]:
		same(Codec.read_message(bad), {}, bad)


func test_fields_of_a_wrong_type_give_the_default() -> void:
	var wild := {"a": "x", "b": [1, "y"], "c": INF, "d": null, "color": 5}
	same(Fields.number(wild, "a", 3.0), 3.0, "number")
	same(Fields.number(wild, "c", 3.0), 3.0, "infinity")
	same(Fields.text(wild, "b", "t"), "t", "text")
	same(Fields.vector(wild, "b", Vector3.ONE), Vector3.ONE, "vector")
	same(Fields.numbers(wild["b"], 4), PackedFloat32Array([1.0, 0.0]), "numbers")
	same(Fields.color(wild, "color", Color.RED), Color.RED, "colour")
	same(Fields.rect(wild["d"]), Rect2(), "rectangle")


func _snapshot() -> PackedByteArray:
	var frame := PackedByteArray()
	frame.resize(8 + 12 + 8 + 10 + 2)
	frame.encode_u8(0, Wire.SNAPSHOT)
	frame.encode_u8(1, Wire.SNAP_CORRECTION)
	frame.encode_u16(2, 7)
	frame.encode_u32(4, 100000)
	frame.encode_s32(8, 64)
	frame.encode_s32(12, 0)
	frame.encode_s32(16, -128)
	frame.encode_u16(20, 9)
	frame.encode_u8(22, Wire.BLOCK_KEYFRAME)
	frame.encode_u16(24, 1)
	frame.encode_u16(26, 1)
	frame.encode_u16(28, 300)
	frame.encode_u16(30, 4 * 64)
	frame.encode_u16(32, 64)
	frame.encode_u16(34, 1020 * 64)
	frame.encode_u8(36, 128)
	frame.encode_u8(37, Wire.ANIM_RUN)
	frame.encode_u16(38, 55)
	return frame
