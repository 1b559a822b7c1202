"""The wire between the host and its clients: one schema, from which the client's constants are generated.

One WebSocket. Text frames carry one JSON control message each, an object whose `t` names its kind.
Binary frames are little-endian and packed; their first byte names their kind. Unknown kinds are ignored by
both sides, never fatal, so that old and new versions meet. docs/wire.md is written from this module.

Positions are metres, y up, local to the region (x east, z south, from the region's north-west corner).
On the wire they are counted in 1/64 m; snapshots carry them modulo 1,024 m, so a frame is shared by all
clients in a cell.
"""

from __future__ import annotations

from typing import Final

from host.world import frames, limits

VERSION: Final = 1
UNITS_PER_METRE: Final = limits.UNITS_PER_METRE
SNAPSHOT_MODULO_M: Final = limits.SNAPSHOT_MODULO_M
CELL_M: Final = limits.CELL_M
TICK_HZ: Final = limits.TICK_HZ
MOVE_HZ: Final = limits.MOVE_HZ
WALK_SPEED: Final = limits.WALK_SPEED
RUN_SPEED: Final = limits.RUN_SPEED
JUMP_SPEED: Final = limits.JUMP_SPEED
GRAVITY: Final = limits.GRAVITY
REACH_M: Final = limits.REACH_M
MAX_TEXT_FRAME: Final = 8 * 1024
MAX_CHAT: Final = 280
MAX_NAME: Final = 24

# Binary kinds (first byte).
SNAPSHOT: Final = frames.SNAPSHOT
MOVE: Final = frames.MOVE

# Animation states of an avatar.
ANIM_IDLE: Final = frames.ANIM_IDLE
ANIM_WALK: Final = frames.ANIM_WALK
ANIM_RUN: Final = frames.ANIM_RUN
ANIM_AIR: Final = frames.ANIM_AIR
ANIM_CHEER: Final = frames.ANIM_CHEER

# SNAPSHOT flags.
SNAP_CORRECTION: Final = frames.SNAP_CORRECTION
# Block flags.
BLOCK_KEYFRAME: Final = frames.BLOCK_KEYFRAME

# Binary layouts; the world owns them because it writes and reads whole rows at once.
MOVE_STRUCT: Final = frames.MOVE_STRUCT
SNAPSHOT_STRUCT: Final = frames.SNAPSHOT_STRUCT
CORRECTION_STRUCT: Final = frames.CORRECTION_STRUCT
BLOCK_STRUCT: Final = frames.BLOCK_STRUCT
RECORD_STRUCT: Final = frames.RECORD_STRUCT
LEFT_STRUCT: Final = frames.LEFT_STRUCT

# Control messages: kind -> {field: type}. A trailing "?" marks an optional field.
CLIENT_MESSAGES: Final[dict[str, dict[str, str]]] = {
    "hello": {
        "v": "int",
        "client": "str",
        "token": "str?",
        "name": "str?",
        "locale": "str?",
        "wallet": "bool?",
    },
    # an own wallet: ask for a code (guests in the city), say yes to the wallet that signed, or no to end it
    "sign_in": {"do": "str"},  # ask, yes, no
    "who": {"slots": "list[int]"},
    "interact": {"entity": "int", "verb": "str"},
    "input": {"action": "str"},
    "emote": {"name": "str"},
    "ui": {"placement": "int", "id": "str", "value": "any?"},
    "chat": {"text": "str"},
    "name": {"name": "str"},
    "ping": {"n": "int"},
    "leave": {},
}
HOST_MESSAGES: Final[dict[str, dict[str, str]]] = {
    # first answer to hello. `token` signs in again later (keep it); spawn is [x, y, z, yaw in radians].
    "welcome": {
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
    # signing in with an own wallet. state: code (show it and the page's url), opened (somebody typed it there),
    # confirm (this wallet signed: ask the player), done, over (why stands in code and message)
    "sign_in": {
        "state": "str",
        "show": "str?",
        "url": "str?",
        "seconds": "int?",
        "wallet": "str?",
        "token": "str?",
        "code": "str?",
        "message": "str?",
    },
    # a payment that the player was asked for. state: asked (show the code and the page's url), sent, paid, signed,
    # failed, over
    "pay": {
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
    # the district around: see docs/wire.md
    "district": {
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
    # placements enabled here: id, tierra, kind, title, rect [x, z, w, d], height, players, max, color
    "places": {"places": "list[object]"},
    "who": {"players": "list[object]"},  # {slot, id, name, color}
    # game things: {id, placement, key, at: [x, y, z], yaw (radians), model, color, scale, label, verb, prompt, reach,
    # tags, spin (radians a second), bob (metres), bob_seconds, label_color, label_height (metres, below 0: above the
    # model), way {to, seconds, loop, age (seconds it is on its way)}, light}; empty text or {} takes a part away
    "spawn": {"entities": "list[object]"},
    "set": {"entities": "list[object]"},
    "remove": {"ids": "list[int]"},
    "inside": {"placement": "int"},  # 0: on the street
    # scoreboard of a match: phase lobby, running or over; left: seconds; players in rank order: {id, name, score}
    "score": {
        "placement": "int",
        "phase": "str",
        "left": "float",
        "players": "list[object]",
        "title": "str",
        "unit": "str?",
    },
    # a passing effect at a place, and an avatar's gesture (slot of the avatar)
    "effect": {
        "placement": "int",
        "name": "str",
        "at": "list[float]",
        "color": "str",
        "sound": "str",
        "seconds": "float",
    },
    "emote": {"slot": "int", "name": "str"},
    "ui_show": {"placement": "int", "id": "str", "tree": "object"},
    "ui_update": {"placement": "int", "id": "str", "set": "object"},
    "ui_close": {"placement": "int", "id": "str?"},
    "chat": {"from": "int", "name": "str", "text": "str", "slot": "int?"},
    "say": {"placement": "int", "text": "str", "entity": "int?"},
    "toast": {"text": "str", "kind": "str"},  # kind: info, good, bad, reward
    # amounts are decimal strings of wei; `text` is LIVE with its unit, ready to show; block: height it was read at
    "balance": {"wei": "str", "text": "str", "block": "int", "pending_wei": "str", "pending_text": "str"},
    # a reward on its way: filed, held (a person decides), booked, settled, paid, rejected
    "claim": {"id": "int", "state": "str", "wei": "str", "text": "str", "tx": "str?", "reason": "str?"},
    "teleport": {"at": "list[float]", "yaw": "float?"},
    # buttons for what the player may do, at most six: {name, label}; none: they go
    "actions": {"placement": "int", "actions": "list[object]"},
    # the sky inside a placement: hour of the day, tint, fog 0 to 1; what is left out is the city's
    "sky": {"placement": "int", "time": "float?", "tint": "str?", "fog": "float?"},
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
    "wire.no_hello": 4009,
    "wire.silent": 4010,
    "host.refused": 4011,
    "host.error": 4012,
    "account.moved": 4013,
}
