"""Columns of the bodies of one region: one row a slot, whole numbers where the wire has them."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

import numpy as np

from host.errors import MallError
from host.world.frames import to_turn, to_units
from host.world.limits import MAX_SLOTS, RUN_SPEED, SLOT_QUARANTINE_TICKS

NOBODY = 0


class Bodies:
    """State of avatars by slot. A slot is a place in these columns; the player is named by id."""

    def __init__(self, capacity: int = MAX_SLOTS) -> None:
        self.capacity = capacity
        self.active = np.zeros(capacity, np.bool_)
        self.player = np.full(capacity, NOBODY, np.int64)
        self.at = np.zeros((capacity, 3), np.int32)
        self.yaw = np.zeros(capacity, np.uint8)
        self.animation = np.zeros(capacity, np.uint8)
        self.sequence = np.zeros(capacity, np.uint16)
        self.cell = np.full(capacity, -1, np.int32)
        self.place = np.zeros(capacity, np.int32)
        # movement: metres that may be run now; host seconds
        self.budget = np.zeros(capacity, np.float64)
        self.moved_at = np.zeros(capacity, np.float64)
        self.air_since = np.full(capacity, np.inf, np.float64)
        self.anchored_until = np.zeros(capacity, np.float64)
        self.corrected_at = np.zeros(capacity, np.float64)
        self.correct = np.zeros(capacity, np.bool_)
        # what the next step has to send, and whose place and areas it has to look at
        self.dirty = np.zeros(capacity, np.bool_)
        self.moved = np.zeros(capacity, np.bool_)
        self.high = 0
        """Slots from here on were never used: whole-column work stops here."""
        self._free = list(range(capacity))
        self._resting: deque[tuple[int, int]] = deque()

    def take(self, player: int, x: float, y: float, z: float, yaw: float, now: float, tick: int) -> int:
        """Give the player a free slot at that position (metres, radians).

        Raises:
            MallError: `world.region_full`.
        """
        while self._resting and self._resting[0][0] <= tick:
            heappush(self._free, self._resting.popleft()[1])
        if not self._free:
            raise MallError(
                "world.region_full",
                f"This region holds {self.capacity} bodies and all are taken; try another region or later.",
                limit=self.capacity,
            )
        slot = heappop(self._free)
        self.high = max(self.high, slot + 1)
        self.active[slot] = True
        self.player[slot] = player
        self.sequence[slot] = 0
        self.animation[slot] = 0
        self.cell[slot] = -1
        self.place[slot] = 0
        self.corrected_at[slot] = -np.inf
        self.correct[slot] = False
        self.put(slot, x, y, z, now)
        self.yaw[slot] = to_turn(yaw)
        self.anchored_until[slot] = -np.inf
        return slot

    def put(self, slot: int, x: float, y: float, z: float, now: float) -> None:
        """Set the position (metres) and forget what led there."""
        self.at[slot] = to_units(x), to_units(y), to_units(z)
        self.budget[slot] = RUN_SPEED / 2
        self.moved_at[slot] = now
        self.air_since[slot] = np.inf
        self.dirty[slot] = True
        self.moved[slot] = True

    def release(self, slot: int, tick: int) -> None:
        """Free the slot; it rests before another player gets it."""
        self.active[slot] = False
        self.player[slot] = NOBODY
        self.dirty[slot] = False
        self.moved[slot] = False
        self.correct[slot] = False
        self.cell[slot] = -1
        self._resting.append((tick + SLOT_QUARANTINE_TICKS, slot))
