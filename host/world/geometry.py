"""Plain shapes on the ground plane: x east, z south, metres."""

from __future__ import annotations

from typing import NamedTuple


class Rect(NamedTuple):
    """A rectangle by its north-west corner and its size, metres. It serialises as [x, z, w, d]."""

    x: float
    z: float
    w: float
    d: float

    @property
    def east(self) -> float:
        return self.x + self.w

    @property
    def south(self) -> float:
        return self.z + self.d

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.z + self.d / 2

    def contains(self, x: float, z: float, margin: float = 0.0) -> bool:
        """Whether the point lies inside or not farther than `margin` outside; east and south edges are outside."""
        return self.x - margin <= x < self.east + margin and self.z - margin <= z < self.south + margin

    def overlaps(self, other: Rect) -> bool:
        """Whether the two share ground; a common edge is no overlap."""
        return self.x < other.east and other.x < self.east and self.z < other.south and other.z < self.south


def around(rects: tuple[Rect, ...]) -> Rect:
    """The smallest rectangle that covers all of them."""
    west = min(rect.x for rect in rects)
    north = min(rect.z for rect in rects)
    east = max(rect.east for rect in rects)
    south = max(rect.south for rect in rects)
    return Rect(west, north, east - west, south - north)
