"""Footprints of placements on the ground of a region: who stands in which, and how high it reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.errors import MallError
from host.world.geometry import Rect
from host.world.limits import UNITS_PER_METRE

STREET = 0


class Places:
    """A raster of one metre that knows each placement's footprint. Ids are positive; 0 is the street."""

    def __init__(self, bounds: Rect) -> None:
        self._bounds = bounds
        self._raster = np.zeros((int(bounds.d) + 1, int(bounds.w) + 1), np.int32)
        self._rects: dict[int, Rect] = {}
        self._heights: dict[int, float] = {}

    def add(self, place: int, rect: Rect, height: float) -> None:
        """Register a footprint.

        Args:
            place: id of the placement, positive.
            rect: whole metres, inside the region.
            height: room above the ground, metres.

        Raises:
            MallError: `world.bad_place` for an id, rectangle or height that cannot be; `world.place_taken` when the
                ground or the id is taken.
        """
        if place <= 0 or height <= 0 or rect.w <= 0 or rect.d <= 0:
            raise MallError(
                "world.bad_place", "A placement needs a positive id, size and height.", place=place
            )
        if any(value != int(value) for value in rect):
            raise MallError("world.bad_place", "A footprint stands on whole metres.", place=place)
        bounds = self._bounds
        if rect.x < bounds.x or rect.z < bounds.z or rect.east > bounds.east or rect.south > bounds.south:
            raise MallError("world.bad_place", "The footprint lies outside of the region.", place=place)
        window = self._window(rect)
        taken = int(window.max())
        if taken != STREET or place in self._rects:
            raise MallError(
                "world.place_taken",
                "The ground or the id is taken; remove the other placement first.",
                place=place,
                other=taken or place,
            )
        window[:] = place
        self._rects[place] = rect
        self._heights[place] = float(height)

    def remove(self, place: int) -> None:
        """Free the footprint; an unknown id is no error."""
        rect = self._rects.pop(place, None)
        if rect is not None:
            self._window(rect)[:] = STREET
            del self._heights[place]

    def rect(self, place: int) -> Rect | None:
        """Footprint of the placement, None when it is not here."""
        return self._rects.get(place)

    def under(self, at: NDArray[np.int32]) -> NDArray[np.int32]:
        """Placement under each position row (1/64 m), 0 on the street or outside."""
        column = at[:, 0] // UNITS_PER_METRE - int(self._bounds.x)
        row = at[:, 2] // UNITS_PER_METRE - int(self._bounds.z)
        rows, columns = self._raster.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found: NDArray[np.int32] = self._raster[np.where(inside, row, 0), np.where(inside, column, 0)]
        return np.where(inside, found, STREET).astype(np.int32)

    def ceilings(self, under: NDArray[np.int32]) -> NDArray[np.float64]:
        """Height of each of these placements, metres; 0 for the street."""
        if not self._heights or not under.any():
            return np.zeros(len(under), np.float64)
        ids, index = np.unique(under, return_inverse=True)
        heights = np.array([self._heights.get(place, 0.0) for place in ids.tolist()], np.float64)
        return heights[index]

    def _window(self, rect: Rect) -> NDArray[np.int32]:
        column, row = int(rect.x - self._bounds.x), int(rect.z - self._bounds.z)
        return self._raster[row : row + int(rect.d), column : column + int(rect.w)]
