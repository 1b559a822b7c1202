"""What the play layer knows of a placement that may run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.world.geometry import Rect
from host.world.region import Point
from sandbox.limits import DEFAULT_LIMITS, Limits

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Placed:
    """An enabled placement on the ground of the region.

    Attributes:
        rect: its footprint, metres, region-local; `height` is the room above it.
        facts: what the creation may know of its parcel (`mall.parcel`).
        color: of its sign, #rrggbb.
        enabled_at: when it was enabled with this release; seconds, UTC.
        language: of the package, in which `mall.t` speaks.
        limits: of its Lua state, by its manifest and its land.
    """

    id: int
    package: str
    version: str
    digest: str
    kind: str
    title: str
    tierra: int
    rect: Rect
    height: float
    max_players: int
    capabilities: frozenset[str]
    settings: Mapping[str, Scalar]
    pools: tuple[str, ...]
    sources: Mapping[str, bytes]
    entry: str
    texts: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, Scalar]
    color: str
    limits: Limits = DEFAULT_LIMITS
    language: str = "en"
    enabled_at: float = 0.0

    @property
    def premises(self) -> str:
        """Names the Mall that it lies in, or its parcel: placements of the same premises share the bus."""
        mall = self.facts.get("mall_id")
        return f"mall {mall}" if mall else f"tierra {self.tierra}"

    @property
    def footprint(self) -> tuple[float, float, float]:
        """Room for the creation: metres east, up and north."""
        return float(self.rect.w), self.height, float(self.rect.d)

    def to_world(self, at: Point) -> Point:
        """Metres from the parcel's south-west corner (x east, z north) to region-local metres (z south)."""
        x, y, z = at
        return self.rect.x + x, y, self.rect.south - z

    def to_local(self, at: Point) -> Point:
        """The inverse of `to_world`, kept inside the footprint: who stands on the edge is inside."""
        x, y, z = at
        return (
            min(max(x - self.rect.x, 0.0), float(self.rect.w)),
            min(max(y, 0.0), self.height),
            min(max(self.rect.south - z, 0.0), float(self.rect.d)),
        )

    def sign(self, players: int) -> dict[str, object]:
        """Its row in the wire's `places` message."""
        return {
            "id": self.id,
            "tierra": self.tierra,
            "kind": self.kind,
            "title": self.title,
            "rect": list(self.rect),
            "height": self.height,
            "players": players,
            "max": self.max_players,
            "color": self.color,
        }
