"""A region as a map and as a list: who holds which Tierra and what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from host.accounts.addresses import ZERO
from host.land import atlas, rules, store
from host.land.models import Title, Use
from host.placements import store as placement_store
from host.placements.models import Placement
from host.placements.rules import LIVING
from host.storage.rows import Rows
from host.world.geometry import Rect

TREASURY: Final = "treasury"
HELD: Final = "held"
RENTED: Final = "rented"
ENABLED: Final = "enabled"
WAITING: Final = "waiting"
STATES: Final = {
    TREASURY: "Treasury",
    HELD: "Held by others",
    RENTED: "Rented out",
    ENABLED: "Creation enabled",
    WAITING: "Creation waiting or stopped",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One Tierra on the map. Metres, region-local."""

    number: int
    rect: Rect
    state: str
    title: str


@dataclass(frozen=True, slots=True)
class Stand:
    """A placement on the map: the ground that it covers."""

    placement: Placement
    rect: Rect
    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tierra `first`..`last` (inclusive) with one owner and, while a rent runs, one tenant."""

    first: int
    last: int
    owner: str
    use: Use | None

    @property
    def count(self) -> int:
        """How many Tierra."""
        return self.last - self.first + 1

    @property
    def address(self) -> str:
        """Where it begins."""
        return atlas.address(self.first)


@dataclass(frozen=True, slots=True)
class CityMap:
    """All that the city page shows of a region. `house` is the treasury's address, zero before the land was issued."""

    plan: atlas.RegionPlan
    cells: tuple[Cell, ...]
    stands: tuple[Stand, ...]
    sold: tuple[Stretch, ...]
    counts: dict[str, int]
    house: str


def house(rows: Rows) -> str:
    """The treasury: the address that owns the most land, since all of it begins there and is sold from there.

    The zero address before the land was issued.
    """
    found = rows.value(
        "select owner from land_titles group by owner order by sum(last - first + 1) desc limit 1"
    )
    return ZERO if found is None else str(found)


def draw(rows: Rows, region: int, now: float) -> CityMap:
    """The map of a region at `now` (seconds, UTC).

    Raises:
        MallError: land.no_such_region.
    """
    plan = atlas.region(region)
    first = plan.blocks[0].first
    last = plan.blocks[-1].first + plan.blocks[-1].count - 1
    treasury = house(rows)
    stretches = tuple(_stretches(rows, first, last, now))
    stands = tuple(_stand(p) for p in _standing(rows, first, last))
    covered = {
        number: stand
        for stand in stands
        for number in rules.footprint(stand.placement.tierra, stand.placement.width, stand.placement.depth)
    }
    cells = tuple(
        _cell(number, stretch, covered.get(number), treasury)
        for stretch in stretches
        for number in range(stretch.first, stretch.last + 1)
    )
    counts = {state: sum(cell.state == state for cell in cells) for state in STATES}
    sold = tuple(s for s in stretches if s.owner != treasury or s.use is not None)
    return CityMap(plan, cells, stands, sold, counts, treasury)


def _stretches(rows: Rows, first: int, last: int, now: float) -> Iterator[Stretch]:
    running = store.uses(rows, first, last, now)
    for title in store.titles(rows, first, last) or [Title(first, last, ZERO)]:
        low, high = max(first, title.first), min(last, title.last)
        for start, end, use in rules.segments(low, high, running):
            yield Stretch(start, end, title.owner, use)


def _standing(rows: Rows, first: int, last: int) -> list[Placement]:
    return [p for p in placement_store.in_states(rows, LIVING) if first <= p.tierra <= last]


def _stand(place: Placement) -> Stand:
    cells = rules.footprint(place.tierra, place.width, place.depth)
    rects = [atlas.tierra(number).rect for number in cells]
    west, north = min(r.x for r in rects), min(r.z for r in rects)
    east, south = max(r.east for r in rects), max(r.south for r in rects)
    state = ENABLED if place.state == "enabled" else WAITING
    return Stand(place, Rect(west, north, east - west, south - north), atlas.address(place.tierra), state)


def _cell(number: int, stretch: Stretch, stand: Stand | None, treasury: str) -> Cell:
    words = [f"Tierra {number}", atlas.address(number)]
    state = TREASURY if stretch.owner == treasury else HELD
    if stretch.use is not None:
        state = RENTED
    words.append(STATES[state])
    if stand is not None:
        state = stand.state
        words.append(f"{stand.placement.package} {stand.placement.version}, {stand.placement.state}")
    return Cell(number, atlas.tierra(number).rect, state, " · ".join(words))
