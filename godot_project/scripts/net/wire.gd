extends RefCounted
## The wire's constants. Generated from host/gateway/schema.py: do not edit, run
## `python -m host.gateway.generate_gd`.

const VERSION := 1
const UNITS_PER_METRE := 64
const SNAPSHOT_MODULO_M := 1024
const CELL_M := 60.0
const TICK_HZ := 20
const MOVE_HZ := 10
const WALK_SPEED := 4.5
const RUN_SPEED := 8.0
const JUMP_SPEED := 6.5
const GRAVITY := 18.0
const REACH_M := 4.0
const MAX_TEXT_FRAME := 8192
const MAX_CHAT := 280
const MAX_NAME := 24
const SNAPSHOT := 1
const MOVE := 2
const ANIM_IDLE := 0
const ANIM_WALK := 1
const ANIM_RUN := 2
const ANIM_AIR := 3
const ANIM_CHEER := 4
const SNAP_CORRECTION := 1
const BLOCK_KEYFRAME := 1
const MOVE_FORMAT := "<BBHiiiBBH"
const MOVE_SIZE := 20
const MOVE_OFFSETS: Array[int] = [0, 1, 2, 4, 8, 12, 16, 17, 18]
const SNAPSHOT_FORMAT := "<BBHI"
const SNAPSHOT_SIZE := 8
const SNAPSHOT_OFFSETS: Array[int] = [0, 1, 2, 4]
const CORRECTION_FORMAT := "<iii"
const CORRECTION_SIZE := 12
const CORRECTION_OFFSETS: Array[int] = [0, 4, 8]
const BLOCK_FORMAT := "<HBBHH"
const BLOCK_SIZE := 8
const BLOCK_OFFSETS: Array[int] = [0, 2, 3, 4, 6]
const RECORD_FORMAT := "<HHHHBB"
const RECORD_SIZE := 10
const RECORD_OFFSETS: Array[int] = [0, 2, 4, 6, 8, 9]
const LEFT_FORMAT := "<H"
const LEFT_SIZE := 2
const LEFT_OFFSETS: Array[int] = [0]
const CLIENT_MESSAGES := {
	"hello":
	{
		"v": "int",
		"client": "str",
		"token": "str?",
		"name": "str?",
		"locale": "str?",
		"wallet": "bool?",
	},
	"sign_in":
	{
		"do": "str",
	},
	"who":
	{
		"slots": "list[int]",
	},
	"interact":
	{
		"entity": "int",
		"verb": "str",
	},
	"input":
	{
		"action": "str",
	},
	"emote":
	{
		"name": "str",
	},
	"ui":
	{
		"placement": "int",
		"id": "str",
		"value": "any?",
	},
	"chat":
	{
		"text": "str",
	},
	"name":
	{
		"name": "str",
	},
	"ping":
	{
		"n": "int",
	},
	"leave": {},
}
const HOST_MESSAGES := {
	"welcome":
	{
		"v": "int",
		"player": "int",
		"slot": "int",
		"name": "str",
		"token": "str",
		"wallet": "str",
		"guest": "bool",
		"spawn": "list[float]",
		"tick": "int",
		"features": "list[str]",
		"host": "str",
	},
	"sign_in":
	{
		"state": "str",
		"show": "str?",
		"url": "str?",
		"seconds": "int?",
		"wallet": "str?",
		"token": "str?",
		"code": "str?",
		"message": "str?",
	},
	"pay":
	{
		"id": "int",
		"state": "str",
		"text": "str",
		"purpose": "str",
		"to": "str",
		"show": "str?",
		"url": "str?",
		"tx": "str?",
		"reason": "str?",
	},
	"district":
	{
		"region": "int",
		"name": "str",
		"theme": "str",
		"size": "float",
		"parcels": "list[list]",
		"lanes": "list[list]",
		"plaza": "list[float]",
		"seed": "int",
		"clock": "float",
		"clock_rate": "float?",
	},
	"places":
	{
		"places": "list[object]",
	},
	"who":
	{
		"players": "list[object]",
	},
	"spawn":
	{
		"entities": "list[object]",
	},
	"set":
	{
		"entities": "list[object]",
	},
	"remove":
	{
		"ids": "list[int]",
	},
	"inside":
	{
		"placement": "int",
	},
	"score":
	{
		"placement": "int",
		"phase": "str",
		"left": "float",
		"players": "list[object]",
		"title": "str",
		"unit": "str?",
	},
	"effect":
	{
		"placement": "int",
		"name": "str",
		"at": "list[float]",
		"color": "str",
		"sound": "str",
		"seconds": "float",
	},
	"emote":
	{
		"slot": "int",
		"name": "str",
	},
	"ui_show":
	{
		"placement": "int",
		"id": "str",
		"tree": "object",
	},
	"ui_update":
	{
		"placement": "int",
		"id": "str",
		"set": "object",
	},
	"ui_close":
	{
		"placement": "int",
		"id": "str?",
	},
	"chat":
	{
		"from": "int",
		"name": "str",
		"text": "str",
		"slot": "int?",
	},
	"say":
	{
		"placement": "int",
		"text": "str",
		"entity": "int?",
	},
	"toast":
	{
		"text": "str",
		"kind": "str",
	},
	"balance":
	{
		"wei": "str",
		"text": "str",
		"block": "int",
		"pending_wei": "str",
		"pending_text": "str",
	},
	"claim":
	{
		"id": "int",
		"state": "str",
		"wei": "str",
		"text": "str",
		"tx": "str?",
		"reason": "str?",
	},
	"teleport":
	{
		"at": "list[float]",
		"yaw": "float?",
	},
	"actions":
	{
		"placement": "int",
		"actions": "list[object]",
	},
	"sky":
	{
		"placement": "int",
		"time": "float?",
		"tint": "str?",
		"fog": "float?",
	},
	"pong":
	{
		"n": "int",
		"tick": "int",
	},
	"error":
	{
		"code": "str",
		"message": "str",
	},
	"bye":
	{
		"code": "str",
		"message": "str",
		"retry": "bool",
	},
}
const CLOSE_CODES := {
	"wire.version": 4000,
	"wire.bad_frame": 4001,
	"wire.too_large": 4002,
	"wire.flood": 4003,
	"wire.slow_reader": 4004,
	"account.bad_token": 4005,
	"account.elsewhere": 4006,
	"host.stopping": 4007,
	"host.full": 4008,
	"wire.no_hello": 4009,
	"wire.silent": 4010,
	"host.refused": 4011,
	"host.error": 4012,
	"account.moved": 4013,
}
