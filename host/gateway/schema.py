"""The wire between the host and its clients: one schema, from which the client's constants are generated.

One WebSocket. Text frames carry one JSON control message each, an object whose `t` names its kind.
Binary frames are little-endian and packed; their first byte names their kind. Unknown kinds are ignored by
both sides, never fatal, so that old and new versions meet. docs/wire.md is written from this module.

Positions are metres, y up, local to the region (x east, z south, from the region's north-west corner).
On the wire they are counted in 1/64 m; snapshots carry them modulo 1,024 m, so a frame is shared by all
clients in a cell.
"""

from __future__ import annotations

import struct
from typing import Final

VERSION: Final = 1
UNITS_PER_METRE: Final = 64
SNAPSHOT_MODULO_M: Final = 1024
CELL_M: Final = 60.0
TICK_HZ: Final = 20
MOVE_HZ: Final = 10
WALK_SPEED: Final = 4.5
RUN_SPEED: Final = 8.0
JUMP_SPEED: Final = 6.5
GRAVITY: Final = 18.0
REACH_M: Final = 4.0
MAX_TEXT_FRAME: Final = 8 * 1024
MAX_CHAT: Final = 280
MAX_NAME: Final = 24

# Binary kinds (first byte).
SNAPSHOT: Final = 0x01
MOVE: Final = 0x02

# Animation states of an avatar.
ANIM_IDLE: Final = 0
ANIM_WALK: Final = 1
ANIM_RUN: Final = 2
ANIM_AIR: Final = 3
ANIM_CHEER: Final = 4

# SNAPSHOT flags.
SNAP_CORRECTION: Final = 0x01
# Block flags.
BLOCK_KEYFRAME: Final = 0x01

# client -> host. kind, flags, sequence, x, y, z (1/64 m, region-local), yaw (1/256 turn), animation, padding
MOVE_STRUCT: Final = struct.Struct("<BBHiiiBBH")
# host -> client. kind, flags, last sequence processed, tick; with SNAP_CORRECTION three i32 follow (x, y, z in 1/64 m):
# the client's own avatar must go there. Then blocks until the end of the frame.
SNAPSHOT_STRUCT: Final = struct.Struct("<BBHI")
CORRECTION_STRUCT: Final = struct.Struct("<iii")
# One block a cell: cell number, flags, padding, count of records, count of "left" slots. With BLOCK_KEYFRAME
# the block is complete: an avatar of that cell that is not listed is gone.
BLOCK_STRUCT: Final = struct.Struct("<HBBHH")
# One avatar: slot, x, y, z (1/64 m modulo 1,024 m), yaw (1/256 turn), animation.
RECORD_STRUCT: Final = struct.Struct("<HHHHBB")
LEFT_STRUCT: Final = struct.Struct("<H")

# Control messages: kind -> {field: type}. A trailing "?" marks an optional field.
CLIENT_MESSAGES: Final[dict[str, dict[str, str]]] = {
    "hello": {"v": "int", "client": "str", "token": "str?", "name": "str?", "locale": "str?"},
    "who": {"slots": "list[int]"},
    "interact": {"entity": "int", "verb": "str"},
    "input": {"action": "str"},
    "ui": {"placement": "int", "id": "str", "value": "any?"},
    "chat": {"text": "str"},
    "name": {"name": "str"},
    "ping": {"n": "int"},
    "leave": {},
}
HOST_MESSAGES: Final[dict[str, dict[str, str]]] = {
    # first answer to hello. `token` signs in again later (keep it); spawn is [x, y, z, yaw in radians].
    "welcome": {
        "v": "int", "player": "int", "slot": "int", "name": "str", "token": "str", "wallet": "str", "guest": "bool",
        "spawn": "list[float]", "tick": "int", "features": "list[str]", "host": "str",
    },
    # the district around: see docs/wire.md
    "district": {
        "region": "int", "name": "str", "theme": "str", "size": "float", "parcels": "list[list]",
        "lanes": "list[list]", "plaza": "list[float]", "seed": "int", "clock": "float",
    },
    # placements enabled here: id, tierra, kind, title, rect [x, z, w, d], height, players, max, color
    "places": {"places": "list[object]"},
    "who": {"players": "list[object]"},  # {slot, id, name, color}
    # game things: {id, placement, at:[x,y,z] region-local, yaw, model, color, scale, label, verb, tags, spin, bob, light}
    "spawn": {"entities": "list[object]"},
    "set": {"entities": "list[object]"},
    "remove": {"ids": "list[int]"},
    "inside": {"placement": "int"},  # 0: on the street
    # scoreboard of a match: {placement, phase, left, players:[{id, name, score}], you, title, goal?}
    "score": {"placement": "int", "phase": "str", "left": "float", "players": "list[object]", "title": "str"},
    "ui_show": {"placement": "int", "id": "str", "tree": "object"},
    "ui_update": {"placement": "int", "id": "str", "set": "object"},
    "ui_close": {"placement": "int", "id": "str?"},
    "chat": {"from": "int", "name": "str", "text": "str", "slot": "int?"},
    "say": {"placement": "int", "text": "str", "entity": "int?"},
    "toast": {"text": "str", "kind": "str"},  # kind: info, good, bad, reward
    # amounts are decimal strings of wei; `text` is LIVE with its unit, ready to show; block: height it was read at
    "balance": {"wei": "str", "text": "str", "block": "int", "pending_wei": "str", "pending_text": "str"},
    # a reward on its way: filed, booked, settled, paid, rejected
    "claim": {"id": "int", "state": "str", "wei": "str", "text": "str", "tx": "str?", "reason": "str?"},
    "teleport": {"at": "list[float]"},
    "pong": {"n": "int", "tick": "int"},
    "error": {"code": "str", "message": "str"},
    "bye": {"code": "str", "message": "str", "retry": "bool"},
}

# WebSocket close codes (4000..4999 are ours).
CLOSE_CODES: Final[dict[str, int]] = {
    "wire.version": 4000,
    "wire.bad_frame": 4001,
    "wire.too_large": 4002,
    "wire.flood": 4003,
    "wire.slow_reader": 4004,
    "account.bad_token": 4005,
    "account.elsewhere": 4006,
    "host.stopping": 4007,
    "host.full": 4008,
}
