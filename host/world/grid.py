"""Interest cells: a region is cut in squares of 60 m, a client sees its own and the eight around."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from host.world.frames import to_units
from host.world.geometry import Rect
from host.world.limits import CELL_M, UNITS_PER_METRE

Ints = NDArray[np.int32]


class Grid:
    """Cells over the bounds of a region, numbered row by row from the north-west corner."""

    def __init__(self, bounds: Rect, cell_m: float = CELL_M) -> None:
        self.columns = max(1, math.ceil(bounds.w / cell_m))
        self.rows = max(1, math.ceil(bounds.d / cell_m))
        self._west = to_units(bounds.x)
        self._north = to_units(bounds.z)
        self._cell = round(cell_m * UNITS_PER_METRE)
        self._around = [self._neighbours(cell) for cell in range(self.columns * self.rows)]

    def cells_of(self, at: Ints) -> Ints:
        """Cell of each position row (x, y, z in 1/64 m); positions outside count to the nearest cell."""
        column = np.clip((at[:, 0] - self._west) // self._cell, 0, self.columns - 1)
        row = np.clip((at[:, 2] - self._north) // self._cell, 0, self.rows - 1)
        return (row * self.columns + column).astype(np.int32)

    def cell_at(self, x: float, z: float) -> int:
        """Cell of one point in metres."""
        return int(self.cells_of(np.array([[to_units(x), 0, to_units(z)]], np.int32))[0])

    def around(self, cell: int) -> tuple[int, ...]:
        """The cell and its up to eight neighbours, ascending."""
        return self._around[cell]

    def under(self, rect: Rect) -> tuple[int, ...]:
        """Cells that share ground with the rectangle (metres), ascending."""
        step = self._cell / UNITS_PER_METRE
        west, north = self._west / UNITS_PER_METRE, self._north / UNITS_PER_METRE
        return tuple(
            row * self.columns + column
            for row in range(self.rows)
            for column in range(self.columns)
            if rect.overlaps(Rect(west + column * step, north + row * step, step, step))
        )

    def _neighbours(self, cell: int) -> tuple[int, ...]:
        row, column = divmod(cell, self.columns)
        return tuple(
            r * self.columns + c
            for r in range(max(0, row - 1), min(self.rows, row + 2))
            for c in range(max(0, column - 1), min(self.columns, column + 2))
        )
