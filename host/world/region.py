"""One region of the world: bodies, placements, areas, interest and snapshots. No socket, no clock, no database.

Once a tick the owner calls `step` with the MOVE frames received and the host's seconds; what comes back are frames
and events. Everything else changes state between two steps and shows in the next one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from host.errors import MallError
from host.world.areas import Entities, Entity, near_points
from host.world.bodies import Bodies
from host.world.frames import (
    CORRECTION_STRUCT,
    MODULO_UNITS,
    MOVE_ROW,
    RECORD_ROW,
    block,
    to_turn,
    to_units,
)
from host.world.geometry import Rect, around
from host.world.grid import Grid
from host.world.limits import (
    ANCHOR_S,
    CORRECTION_INTERVAL_S,
    MAX_SLOTS,
    REACH_M,
    REACH_TOLERANCE_M,
    UNITS_PER_METRE,
)
from host.world.movement import Walkable, believe, last_of_each
from host.world.places import Places
from host.world.step import Events, PlaceEvent, Step, Trigger, ViewChange

Point = tuple[float, float, float]


class Region:
    """Authority over everybody in one region.

    Args:
        walkable: rectangles of the ground that may be walked on, metres.
        capacity: bodies at a time, those in quarantine included.
    """

    def __init__(self, walkable: tuple[Rect, ...], capacity: int = MAX_SLOTS) -> None:
        self.bounds = around(walkable)
        self.grid = Grid(self.bounds)
        self.tick = 0
        self._ground = Walkable(walkable)
        self._bodies = Bodies(capacity)
        self._places = Places(self.bounds)
        self._entities = Entities(self.grid)
        self._left: dict[int, list[int]] = {}
        self._views: dict[int, tuple[int, ...]] = {}
        self._stale: set[int] = set()
        self._muted: set[int] = set()

    # bodies

    def join(self, player: int, at: Point, yaw: float = 0.0, now: float = 0.0) -> int:
        """Bring a player in at `at` (metres); its slot. The next step tells everybody around.

        Raises:
            MallError: `world.region_full`, `world.out_of_bounds`.
        """
        self._check_ground(at)
        slot = self._bodies.take(player, *at, yaw, now, self.tick)
        self._stale.add(slot)
        return slot

    def leave(self, slot: int) -> None:
        """Take a player out; the next step tells everybody around. The caller knows that it left its place."""
        cell = int(self._bodies.cell[slot])
        if cell >= 0:
            self._left.setdefault(cell, []).append(slot)
        self._bodies.release(slot, self.tick)
        self._entities.leave(slot)
        self._views.pop(slot, None)
        self._stale.discard(slot)
        self._muted.discard(slot)

    def place(self, slot: int, at: Point, now: float, yaw: float | None = None) -> None:
        """Teleport: the client is corrected to `at` and its moves from before are ignored until it is there.

        `yaw` is where it looks then, radians; None: as before.

        Raises:
            MallError: `world.out_of_bounds`.
        """
        self._check_ground(at)
        self._bodies.put(slot, *at, now)
        if yaw is not None:
            self._bodies.yaw[slot] = to_turn(yaw)
        self._bodies.anchored_until[slot] = now + ANCHOR_S
        self._bodies.correct[slot] = True
        self._bodies.corrected_at[slot] = -math.inf

    def mute(self, slot: int) -> None:
        """The client gets no frames until `refresh`; what it knows stays noted meanwhile."""
        self._muted.add(slot)

    def refresh(self, slot: int) -> None:
        """The client missed frames: the next step gives it everything around anew."""
        self._muted.discard(slot)
        self._stale.add(slot)

    def position(self, slot: int) -> Point:
        """Where the host believes the body is, metres."""
        x, y, z = (self._bodies.at[slot] / UNITS_PER_METRE).tolist()
        return x, y, z

    def yaw(self, slot: int) -> float:
        """Where it looks, radians; 0 is north."""
        return float(self._bodies.yaw[slot]) / 256 * math.tau

    def place_of(self, slot: int) -> int:
        """Placement the body stood in at the last step, 0 on the street."""
        return int(self._bodies.place[slot])

    def cell_of(self, slot: int) -> int:
        """Interest cell of the body at the last step, -1 before its first."""
        return int(self._bodies.cell[slot])

    def near(self, at: Point, radius: float) -> list[int]:
        """Slots within `radius` metres of `at`, ascending."""
        found = np.flatnonzero(self._bodies.active)
        away = self._bodies.at[found] / UNITS_PER_METRE - np.array(at)
        return [int(slot) for slot in found[(away * away).sum(axis=1) <= radius * radius]]

    def within_reach(self, slot: int, entity: int) -> bool:
        """Whether the body is near enough to use the entity; the client's prediction gets a metre of grace."""
        thing = self._entities.get(entity)
        if thing is None:
            return False
        return math.dist(self.position(slot), thing.at) <= REACH_M + REACH_TOLERANCE_M

    # placements and entities

    def add_place(self, place: int, rect: Rect, height: float) -> None:
        """Register the footprint of a placement; who stands there enters it at the next step.

        Raises:
            MallError: `world.bad_place`, `world.place_taken`.
        """
        self._places.add(place, rect, height)
        self._look_again(rect)

    def remove_place(self, place: int) -> None:
        """Take a footprint away; who stood there leaves it at the next step."""
        rect = self._places.rect(place)
        if rect is not None:
            self._places.remove(place)
            self._look_again(rect)

    def put(self, entity: Entity) -> None:
        """Add or replace an entity.

        Raises:
            MallError: `world.bad_entity`.
        """
        self._entities.put(entity)

    def patch(self, entity: int, *, at: Point | None = None, radius: float | None = None) -> None:
        """Move an entity or resize its area; an unknown id is no error."""
        self._entities.patch(entity, at=at, radius=radius)

    def remove(self, entity: int) -> None:
        """Take an entity away; nobody is told that he left its area."""
        self._entities.remove(entity)

    def entity(self, entity: int) -> Entity | None:
        return self._entities.get(entity)

    # the tick

    def step(self, moves: bytes, now: float, apply: Callable[[Events], None] | None = None) -> Step:
        """Advance one tick.

        Args:
            moves: MOVE frames in order of arrival, each after its sender's slot (`MOVE_ROW`).
            now: host seconds, never going back.
            apply: called with what the moves caused, before anybody is told where everybody is: games answer here,
                so that what they change is seen in the same tick.
        """
        self.tick += 1
        bodies = self._bodies
        self._apply(moves, now)
        events = self._events()
        if apply is not None:
            apply(events)
        crossed = self._cross()
        deltas = self._deltas()
        own, views = self._own_views(crossed, deltas)
        step = Step(
            tick=self.tick,
            bodies=self._joined(deltas),
            own=own,
            corrections=self._corrections(now),
            acks=bodies.sequence[: bodies.high].tolist(),
            cells=bodies.cell[: bodies.high].tolist(),
            events=events,
            views=views,
        )
        bodies.dirty[:] = False
        self._left.clear()
        return step

    def _apply(self, moves: bytes, now: float) -> None:
        rows = np.frombuffer(moves, MOVE_ROW)
        rows = rows[rows["slot"] < self._bodies.capacity]
        rows = rows[self._bodies.active[rows["slot"]]]
        if len(rows):
            rows = last_of_each(rows, self._bodies.capacity)
            ceilings = self._places.ceilings(self._places.under(rows["at"]))
            believe(self._bodies, rows, ceilings, self._ground, now)

    def _cross(self) -> list[int]:
        """Put bodies into their cells; the slots that changed theirs."""
        bodies = self._bodies
        moved = np.flatnonzero(bodies.dirty)
        cells = self.grid.cells_of(bodies.at[moved])
        changed = cells != bodies.cell[moved]
        crossed: list[int] = moved[changed].tolist()
        for slot in crossed:
            before = int(bodies.cell[slot])
            if before >= 0:
                self._left.setdefault(before, []).append(slot)
        bodies.cell[moved] = cells
        return crossed

    def _events(self) -> Events:
        """Places and areas of the bodies that moved and of those near to things that changed."""
        bodies = self._bodies
        if self._entities.touched:
            bodies.moved |= near_points(bodies.at, self._entities.touched) & bodies.active
            self._entities.touched.clear()
        slots = np.flatnonzero(bodies.moved)
        bodies.moved[:] = False
        if not len(slots):
            return Events()
        at = bodies.at[slots]
        changes = self._entities.check(slots, at, self.grid.cells_of(at))
        triggers = tuple(
            Trigger(slot, int(bodies.player[slot]), entity, inside) for slot, entity, inside in changes
        )
        return Events(self._enter_places(slots), triggers)

    def _enter_places(self, slots: NDArray[np.intp]) -> tuple[PlaceEvent, ...]:
        bodies = self._bodies
        under = self._places.under(bodies.at[slots])
        events: list[PlaceEvent] = []
        for index in np.flatnonzero(under != bodies.place[slots]).tolist():
            slot = int(slots[index])
            player = int(bodies.player[slot])
            before, after = int(bodies.place[slot]), int(under[index])
            if before:
                events.append(PlaceEvent(slot, player, before, entered=False))
            if after:
                events.append(PlaceEvent(slot, player, after, entered=True))
        bodies.place[slots] = under
        return tuple(events)

    def _deltas(self) -> dict[int, bytes]:
        """One block for each cell with movers or leavers."""
        bodies = self._bodies
        slots = np.flatnonzero(bodies.dirty)
        if not len(slots) and not self._left:
            return {}
        slots = slots[np.argsort(bodies.cell[slots], kind="stable")]
        records = self._records(slots)
        cells = bodies.cell[slots]
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        ends = [*starts.tolist(), len(slots)][1:]
        size = RECORD_ROW.itemsize
        blocks: dict[int, bytes] = {}
        for cell, start, end in zip(cells[starts].tolist(), starts.tolist(), ends, strict=True):
            blocks[cell] = block(cell, records[start * size : end * size], self._left.get(cell, []))
        for cell, left in self._left.items():
            if cell not in blocks:
                blocks[cell] = block(cell, b"", left)
        return blocks

    def _records(self, slots: NDArray[np.intp]) -> bytes:
        bodies = self._bodies
        rows = np.empty(len(slots), RECORD_ROW)
        rows["slot"] = slots
        rows["at"] = bodies.at[slots] % MODULO_UNITS
        rows["yaw"] = bodies.yaw[slots]
        rows["animation"] = bodies.animation[slots]
        return rows.tobytes()

    def _keyframe(self, cell: int) -> bytes:
        slots = np.flatnonzero(self._bodies.cell == cell)
        return block(cell, self._records(slots), [], keyframe=True)

    def _own_views(
        self, crossed: list[int], deltas: dict[int, bytes]
    ) -> tuple[dict[int, bytes], list[ViewChange]]:
        """Bodies of frames for those whose view changed: whole cells for what is new to them."""
        keyframes: dict[int, bytes] = {}
        own: dict[int, bytes] = {}
        changes: list[ViewChange] = []
        for slot in sorted(self._stale.union(crossed) - self._muted):
            cell = int(self._bodies.cell[slot])
            view = self.grid.around(cell)
            before = self._views.get(slot, ())
            fresh = () if slot in self._stale else before
            parts: list[bytes] = []
            for near in view:
                if near in fresh:
                    if near in deltas:
                        parts.append(deltas[near])
                    continue
                if near not in keyframes:
                    keyframes[near] = self._keyframe(near)
                parts.append(keyframes[near])
            gone = tuple(cell for cell in before if cell not in view)
            parts += [block(cell, b"", [], keyframe=True) for cell in gone]
            own[slot] = b"".join(parts)
            entered = tuple(cell for cell in view if cell not in before)
            if entered or gone:
                changes.append(ViewChange(slot, int(self._bodies.player[slot]), entered, gone))
            self._views[slot] = view
        self._stale &= self._muted
        return own, changes

    def _joined(self, deltas: dict[int, bytes]) -> dict[int, bytes]:
        """What the clients of each occupied cell get: the blocks of the cells around, joined once."""
        bodies = self._bodies
        if not deltas:
            return {}
        occupied = np.unique(bodies.cell[bodies.active]).tolist()
        return {
            cell: b"".join(deltas[near] for near in self.grid.around(cell) if near in deltas)
            for cell in occupied
            if cell >= 0
        }

    def _corrections(self, now: float) -> dict[int, bytes]:
        bodies = self._bodies
        due = np.flatnonzero(bodies.correct & (now - bodies.corrected_at >= CORRECTION_INTERVAL_S))
        bodies.corrected_at[due] = now
        bodies.correct[due] = False
        return {slot: CORRECTION_STRUCT.pack(*bodies.at[slot].tolist()) for slot in due.tolist()}

    def _check_ground(self, at: Point) -> None:
        if not self._ground.contains(at):
            raise MallError(
                "world.out_of_bounds",
                "A body stands on walkable ground of its region.",
                x=at[0],
                y=at[1],
                z=at[2],
            )

    def _look_again(self, rect: Rect) -> None:
        x, z = rect.centre
        self._entities.touched.append((x, z, max(to_units(rect.w), to_units(rect.d)) / UNITS_PER_METRE))
