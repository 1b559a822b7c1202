"""Things of games and their trigger areas: upright cylinders that tell when a body enters or leaves them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host.errors import MallError
from host.world.frames import to_units
from host.world.grid import Grid
from host.world.limits import BODY_M, MAX_AREA_RADIUS_M, UNITS_PER_METRE

BELOW_M = 0.5


@dataclass(frozen=True, slots=True)
class Entity:
    """What the region knows of a game's thing. How it looks is the business of the play layer.

    Attributes:
        id: unique in the region.
        at: x, y, z in metres, region-local.
        placement: whose it is.
        radius: of the trigger area in metres; 0: no area.
        height: the area reaches from half a metre below `at` up to this, metres; any part of a body touches it.
    """

    id: int
    at: tuple[float, float, float]
    placement: int = 0
    radius: float = 0.0
    height: float = 3.0


Pair = tuple[int, int]


class Entities:
    """All entities of a region, found by cell."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._known: dict[int, Entity] = {}
        self._by_cell: defaultdict[int, set[int]] = defaultdict(set)
        self._columns: dict[int, tuple[list[int], NDArray[np.float64]]] = {}
        self.inside: set[Pair] = set()
        self.touched: list[tuple[float, float, float]] = []
        """Points (x, z, reach in metres) whose bodies have to be looked at again."""

    def __len__(self) -> int:
        return len(self._known)

    def get(self, entity: int) -> Entity | None:
        return self._known.get(entity)

    def put(self, entity: Entity) -> None:
        """Add the entity or replace the one of that id.

        Raises:
            MallError: `world.bad_entity` for a radius beyond MAX_AREA_RADIUS_M or values that are not finite.
        """
        if not 0 <= entity.radius <= MAX_AREA_RADIUS_M or not np.isfinite((*entity.at, entity.height)).all():
            raise MallError(
                "world.bad_entity",
                f"An entity needs a finite position and an area radius of 0 to {MAX_AREA_RADIUS_M:g} m.",
                entity=entity.id,
                radius=entity.radius,
            )
        before = self._known.get(entity.id)
        if before is not None:
            self._forget(before)
        self._known[entity.id] = entity
        if entity.radius > 0:
            cell = self._grid.cell_at(entity.at[0], entity.at[2])
            self._by_cell[cell].add(entity.id)
            self._touch(entity, cell)

    def patch(
        self, entity: int, *, at: tuple[float, float, float] | None = None, radius: float | None = None
    ) -> None:
        """Change position or area; an unknown id is no error: the game may speak of a thing just taken away."""
        before = self._known.get(entity)
        if before is not None:
            self.put(
                replace(
                    before,
                    at=before.at if at is None else at,
                    radius=before.radius if radius is None else radius,
                )
            )

    def remove(self, entity: int) -> None:
        """Take it away without telling who was inside."""
        before = self._known.pop(entity, None)
        if before is not None:
            self._forget(before)
            self.inside = {pair for pair in self.inside if pair[1] != entity}

    def leave(self, slot: int) -> None:
        """Forget a body."""
        if self.inside:
            self.inside = {pair for pair in self.inside if pair[0] != slot}

    def check(
        self, slots: NDArray[np.intp], at: NDArray[np.int32], cells: NDArray[np.int32]
    ) -> list[tuple[int, int, bool]]:
        """Compare these bodies with the areas around; (slot, entity, inside) for each change."""
        if not self._known and not self.inside:
            return []
        now: set[Pair] = set()
        for cell in np.unique(cells).tolist():
            ids, areas = self._around(cell)
            if not ids:
                continue
            here = np.flatnonzero(cells == cell)
            where = at[here] / UNITS_PER_METRE
            flat = np.hypot(where[:, None, 0] - areas[None, :, 0], where[:, None, 2] - areas[None, :, 2])
            above = where[:, None, 1] - areas[None, :, 1]
            hit = (flat <= areas[None, :, 3]) & (above >= -BELOW_M - BODY_M) & (above <= areas[None, :, 4])
            for body, area in np.argwhere(hit).tolist():
                now.add((int(slots[here[body]]), ids[area]))
        looked_at = set(slots.tolist())
        before = {pair for pair in self.inside if pair[0] in looked_at}
        changes = [(slot, entity, False) for slot, entity in sorted(before - now)]
        changes += [(slot, entity, True) for slot, entity in sorted(now - before)]
        self.inside = (self.inside - before) | now
        return changes

    def _around(self, cell: int) -> tuple[list[int], NDArray[np.float64]]:
        cached = self._columns.get(cell)
        if cached is None:
            ids = [
                entity for near in self._grid.around(cell) for entity in sorted(self._by_cell.get(near, ()))
            ]
            rows = [(*e.at, e.radius, e.height) for e in map(self._known.__getitem__, ids)]
            cached = self._columns[cell] = (ids, np.array(rows, np.float64).reshape(-1, 5))
        return cached

    def _forget(self, entity: Entity) -> None:
        if entity.radius > 0:
            cell = self._grid.cell_at(entity.at[0], entity.at[2])
            self._by_cell[cell].discard(entity.id)
            self._touch(entity, cell)

    def _touch(self, entity: Entity, cell: int) -> None:
        self.touched.append((entity.at[0], entity.at[2], entity.radius + 1.0))
        for near in self._grid.around(cell):
            self._columns.pop(near, None)


def near_points(at: NDArray[np.int32], points: Iterable[tuple[float, float, float]]) -> NDArray[np.bool_]:
    """Which position rows (1/64 m) lie within the reach of any of the points (x, z, reach in metres)."""
    hit = np.zeros(len(at), np.bool_)
    for x, z, reach in points:
        limit = to_units(reach)
        hit |= (np.abs(at[:, 0] - to_units(x)) <= limit) & (np.abs(at[:, 2] - to_units(z)) <= limit)
    return hit
