"""Which reported moves the host believes. Speed, height and bounds; a lie is corrected, an honest stall is not.

A client predicts and reports where it is ten times a second. Every body has a budget of metres which fills with
time up to SAVED_UP_S of running, so that reports delayed by the network and delivered together still fit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.world.bodies import Bodies
from host.world.frames import to_units
from host.world.geometry import Rect
from host.world.limits import (
    AIRBORNE_S,
    ANCHOR_M,
    ANIMATIONS,
    BOUNDS_TOLERANCE_M,
    GROUND_M,
    HEIGHT_TOLERANCE_M,
    JUMP_HEIGHT_M,
    JUMP_SPEED,
    MAX_HEIGHT_M,
    RUN_SPEED,
    SAVED_UP_S,
    SPEED_TOLERANCE,
    UNITS_PER_METRE,
)

Mask = NDArray[np.bool_]
_RATE = RUN_SPEED * SPEED_TOLERANCE
_BUDGET = _RATE * SAVED_UP_S
_GROUND = to_units(GROUND_M)


class Walkable:
    """The ground of a region that may be walked on: a union of rectangles."""

    def __init__(self, rects: tuple[Rect, ...]) -> None:
        self._rects = rects
        self._edges = [
            (
                to_units(rect.x - BOUNDS_TOLERANCE_M),
                to_units(rect.z - BOUNDS_TOLERANCE_M),
                to_units(rect.east + BOUNDS_TOLERANCE_M),
                to_units(rect.south + BOUNDS_TOLERANCE_M),
            )
            for rect in rects
        ]

    def contains(self, at: tuple[float, float, float]) -> bool:
        """Whether the point in metres lies on or above walkable ground, edges included; never for NaN."""
        x, y, z = at
        return 0.0 <= y <= MAX_HEIGHT_M and any(
            rect.x <= x <= rect.east and rect.z <= z <= rect.south for rect in self._rects
        )

    def holds(self, at: NDArray[np.int32]) -> Mask:
        """Which of the position rows (1/64 m) lie on walkable ground, tolerance included."""
        x, z = at[:, 0], at[:, 2]
        inside = np.zeros(len(at), np.bool_)
        for west, north, east, south in self._edges:
            inside |= (x >= west) & (x <= east) & (z >= north) & (z <= south)
        return inside


def last_of_each(rows: NDArray[np.void], capacity: int) -> NDArray[np.void]:
    """The newest row of each slot, in order of slots."""
    newest = np.full(capacity, -1, np.int64)
    newest[rows["slot"]] = np.arange(len(rows))
    return rows[newest[newest >= 0]]


def believe(
    bodies: Bodies, moves: NDArray[np.void], ceilings: NDArray[np.float64], walkable: Walkable, now: float
) -> Mask:
    """Judge one move of each slot and write what is believed; answers which were.

    Args:
        moves: MOVE_ROW rows of active slots, one a slot.
        ceilings: room above the ground at each target, metres: 0 on the street, the height of a placement within.
        now: host seconds.
    """
    slots = moves["slot"]
    target = moves["at"]
    old = bodies.at[slots]
    delta = (target.astype(np.float64) - old) / UNITS_PER_METRE
    run = np.hypot(delta[:, 0], delta[:, 2])
    passed = np.maximum(0.0, now - bodies.moved_at[slots])
    budget = np.minimum(_BUDGET, bodies.budget[slots] + passed * _RATE)

    height = target[:, 1] / UNITS_PER_METRE
    grounded = (target[:, 1] <= _GROUND) | (ceilings > 0.0)
    since = np.where(grounded, np.inf, np.minimum(bodies.air_since[slots], now))
    hovering = now - since > AIRBORNE_S
    highest = np.maximum(ceilings + JUMP_HEIGHT_M + HEIGHT_TOLERANCE_M, old[:, 1] / UNITS_PER_METRE)
    rise = JUMP_SPEED * np.minimum(passed + 0.3, SAVED_UP_S) + HEIGHT_TOLERANCE_M
    anchored = now < bodies.anchored_until[slots]

    believed: Mask = (
        (run <= budget)
        & walkable.holds(target)
        & (height >= -HEIGHT_TOLERANCE_M)
        & (height <= highest)
        & (delta[:, 1] <= rise)
        & ~hovering
        & (~anchored | (np.hypot(run, delta[:, 1]) <= ANCHOR_M))
    )
    fallen = slots[hovering]
    bodies.at[fallen, 1] = 0
    bodies.dirty[fallen] = True
    bodies.moved[fallen] = True

    bodies.sequence[slots] = moves["sequence"]
    bodies.budget[slots] = np.where(believed, budget - run, budget)
    bodies.moved_at[slots] = now
    good, rows = slots[believed], moves[believed]
    animation = np.where(rows["animation"] < ANIMATIONS, rows["animation"], 0)
    moved = (rows["at"] != bodies.at[good]).any(axis=1)
    turned = (rows["yaw"] != bodies.yaw[good]) | (animation != bodies.animation[good])
    bodies.moved[good] |= moved
    bodies.dirty[good] |= moved | turned
    bodies.at[good] = rows["at"]
    bodies.yaw[good] = rows["yaw"]
    bodies.animation[good] = animation
    bodies.air_since[good] = since[believed]
    bodies.air_since[fallen] = np.inf
    bodies.anchored_until[good] = -np.inf
    # A lie is answered until the client is back on believed ground.
    bodies.correct[slots] = ~believed
    return believed
