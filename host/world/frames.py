"""Binary layouts of movement and snapshots, little-endian and packed; offsets stand in docs/wire.md.

The numpy types and the structs describe the same bytes: a region reads and writes whole rows at once, tests and
clients read one.
"""

from __future__ import annotations

import math
import struct
from typing import Final

import numpy as np

from host.world.limits import SNAPSHOT_MODULO_M, UNITS_PER_METRE

# Binary kinds (first byte).
SNAPSHOT: Final = 0x01
MOVE: Final = 0x02

# Animation states of an avatar.
ANIM_IDLE: Final = 0
ANIM_WALK: Final = 1
ANIM_RUN: Final = 2
ANIM_AIR: Final = 3
ANIM_CHEER: Final = 4

SNAP_CORRECTION: Final = 0x01
BLOCK_KEYFRAME: Final = 0x01

# client -> host. kind, flags, sequence, x, y, z (1/64 m, region-local), yaw (1/256 turn), animation, padding
MOVE_STRUCT: Final = struct.Struct("<BBHiiiBBH")
# host -> client. kind, flags, last sequence processed, tick
SNAPSHOT_STRUCT: Final = struct.Struct("<BBHI")
CORRECTION_STRUCT: Final = struct.Struct("<iii")
# cell number, flags, padding, count of records, count of "left" slots
BLOCK_STRUCT: Final = struct.Struct("<HBBHH")
# slot, x, y, z (1/64 m modulo 1,024 m), yaw (1/256 turn), animation
RECORD_STRUCT: Final = struct.Struct("<HHHHBB")
LEFT_STRUCT: Final = struct.Struct("<H")

MODULO_UNITS: Final = SNAPSHOT_MODULO_M * UNITS_PER_METRE

SLOT_PREFIX: Final = struct.Struct("<H")
"""In front of each MOVE frame handed to a region: the slot that sent it. The gateway writes it, never the client."""
MOVE_ROW: Final = np.dtype(
    [
        ("slot", "<u2"),
        ("kind", "u1"),
        ("flags", "u1"),
        ("sequence", "<u2"),
        ("at", "<i4", (3,)),
        ("yaw", "u1"),
        ("animation", "u1"),
        ("padding", "<u2"),
    ]
)
RECORD_ROW: Final = np.dtype([("slot", "<u2"), ("at", "<u2", (3,)), ("yaw", "u1"), ("animation", "u1")])


def to_units(metres: float) -> int:
    """Metres in whole 1/64 m, rounded to the nearest."""
    return round(metres * UNITS_PER_METRE)


def to_turn(yaw: float) -> int:
    """Radians in 1/256 turns, 0..255."""
    return round(yaw / math.tau * 256) % 256


def block(cell: int, records: bytes, left: list[int], *, keyframe: bool = False) -> bytes:
    """One cell's part of a snapshot.

    Args:
        records: whole RECORD rows.
        left: slots that are no longer in this cell.
    """
    flags = BLOCK_KEYFRAME if keyframe else 0
    head = BLOCK_STRUCT.pack(cell, flags, 0, len(records) // RECORD_STRUCT.size, len(left))
    return head + records + struct.pack(f"<{len(left)}H", *left)
