"""Numbers that world, wire and client share. Metres, seconds; the wire publishes them to the client."""

from __future__ import annotations

from typing import Final

UNITS_PER_METRE: Final = 64
"""Positions are whole numbers of 1/64 m: exact in memory, on the wire and in tests."""
SNAPSHOT_MODULO_M: Final = 1024
CELL_M: Final = 60.0
TICK_HZ: Final = 20
MOVE_HZ: Final = 10
WALK_SPEED: Final = 4.5
RUN_SPEED: Final = 8.0
JUMP_SPEED: Final = 6.5
GRAVITY: Final = 18.0
REACH_M: Final = 4.0

# What the host grants to honest clients over what physics says.
SPEED_TOLERANCE: Final = 1.1
"""Factor on RUN_SPEED: clocks differ and positions are rounded."""
SAVED_UP_S: Final = 1.5
"""Seconds of running that a client may have saved up: a stalled link delivers them in one burst."""
BOUNDS_TOLERANCE_M: Final = 0.5
HEIGHT_TOLERANCE_M: Final = 0.5
JUMP_HEIGHT_M: Final = JUMP_SPEED * JUMP_SPEED / (2 * GRAVITY)
MAX_HEIGHT_M: Final = 500.0
"""Nobody is put higher than this."""
GROUND_M: Final = 0.4
"""At or below this height an avatar stands: kerbs and rounding."""
AIRBORNE_S: Final = 2.5
"""Longest time above the ground outside of a placement: a fall from a roof of 20 m (1.5 s) and jitter."""
REACH_TOLERANCE_M: Final = 1.0
CORRECTION_INTERVAL_S: Final = 0.25
"""Corrections are not sent faster than a client can have seen the last one."""
ANCHOR_S: Final = 1.0
"""After a teleport, moves from before it are ignored until the client has arrived, at most this long."""
ANCHOR_M: Final = 1.5

MAX_SLOTS: Final = 4096
"""Bodies of one region, with those in quarantine."""
SLOT_QUARANTINE_TICKS: Final = 10 * TICK_HZ
"""A slot rests after `leave`: longer than a slow reader is kept, so nobody takes the next player for the last."""
BODY_M: Final = 1.8
"""Height of an avatar."""
MAX_AREA_RADIUS_M: Final = CELL_M / 2
"""Areas are looked up in the 3 x 3 cells around a body."""
ANIMATIONS: Final = 5
