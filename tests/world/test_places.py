"""Footprints and areas: who enters and leaves what."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from host.errors import MallError
from host.world.areas import Entity
from host.world.frames import MOVE, MOVE_STRUCT, SLOT_PREFIX, to_units
from host.world.geometry import Rect
from host.world.region import Region
from host.world.step import Events

FIELD = Rect(-30, -30, 610, 610)


def go(region: Region, now: float, **to: tuple[float, float]) -> Events:
    """Move slots (named s0, s1, ...) to x, z."""
    moves = b"".join(
        SLOT_PREFIX.pack(int(name[1:])) + MOVE_STRUCT.pack(MOVE, 0, 1, to_units(x), 0, to_units(z), 0, 1, 0)
        for name, (x, z) in to.items()
    )
    return region.step(moves, now).events


def told(events: Events) -> list[tuple[int, int, bool]]:
    return [(event.player, event.place, event.entered) for event in events.places]


def triggered(events: Events) -> list[tuple[int, int, bool]]:
    return [(event.player, event.entity, event.inside) for event in events.triggers]


def test_entering_and_leaving_a_placement_is_told_once() -> None:
    region = Region((FIELD,))
    region.add_place(5, Rect(0, 0, 60, 60), 20.0)
    region.join(42, (-5.0, 0.0, 10.0), now=0.0)
    assert told(go(region, 1)) == []
    assert told(go(region, 2, s0=(1.0, 10.0))) == [(42, 5, True)]
    assert told(go(region, 3, s0=(2.0, 10.0))) == []
    assert region.place_of(0) == 5
    assert told(go(region, 4, s0=(-1.0, 10.0))) == [(42, 5, False)]


def test_a_placement_that_comes_or_goes_tells_those_who_stand_there() -> None:
    region = Region((FIELD,))
    region.join(42, (50.0, 0.0, 50.0), now=0.0)
    go(region, 1)
    region.add_place(5, Rect(0, 0, 60, 60), 20.0)
    assert told(go(region, 2)) == [(42, 5, True)]
    region.remove_place(5)
    assert told(go(region, 3)) == [(42, 5, False)]


def test_changing_from_one_placement_to_the_next_tells_both() -> None:
    region = Region((FIELD,))
    region.add_place(5, Rect(0, 0, 15, 15), 20.0)
    region.add_place(6, Rect(15, 0, 15, 15), 20.0)
    region.join(42, (14.0, 0.0, 5.0), now=0.0)
    assert told(go(region, 1)) == [(42, 5, True)]
    assert told(go(region, 2, s0=(16.0, 5.0))) == [(42, 5, False), (42, 6, True)]


@pytest.mark.parametrize(
    ("place", "rect", "height", "code"),
    [
        (0, Rect(0, 0, 15, 15), 20, "world.bad_place"),
        (2, Rect(0, 0, 0, 15), 20, "world.bad_place"),
        (2, Rect(0.5, 0, 15, 15), 20, "world.bad_place"),
        (2, Rect(0, 0, 15, 15), 0, "world.bad_place"),
        (2, Rect(570, 570, 15, 15), 20, "world.bad_place"),
        (2, Rect(14, 14, 15, 15), 20, "world.place_taken"),
        (1, Rect(100, 100, 15, 15), 20, "world.place_taken"),
    ],
)
def test_a_bad_footprint_is_refused_and_changes_nothing(
    place: int, rect: Rect, height: float, code: str
) -> None:
    region = Region((FIELD,))
    region.add_place(1, Rect(0, 0, 15, 15), 20.0)
    with pytest.raises(MallError) as refusal:
        region.add_place(place, rect, height)
    assert refusal.value.code == code
    region.add_place(9, Rect(100, 100, 15, 15), 20.0)


def test_an_area_tells_who_enters_and_leaves_it() -> None:
    region = Region((FIELD,))
    region.join(42, (0.0, 0.0, 0.0), now=0.0)
    region.put(Entity(9, (5.0, 0.0, 0.0), radius=2.0))
    assert triggered(go(region, 1)) == []
    assert triggered(go(region, 2, s0=(3.5, 0.0))) == [(42, 9, True)]
    assert triggered(go(region, 3, s0=(8.0, 0.0))) == [(42, 9, False)]


def test_an_area_that_comes_to_a_body_at_rest_is_told_and_one_taken_away_is_not() -> None:
    region = Region((FIELD,))
    region.join(42, (0.0, 0.0, 0.0), now=0.0)
    go(region, 1)
    region.put(Entity(9, (50.0, 0.0, 0.0), radius=2.0))
    assert triggered(go(region, 2)) == []
    region.patch(9, at=(1.0, 0.0, 0.0))
    assert triggered(go(region, 3)) == [(42, 9, True)]
    region.patch(9, at=(200.0, 0.0, 0.0))
    assert triggered(go(region, 4)) == [(42, 9, False)]
    region.patch(9, at=(1.0, 0.0, 0.0))
    go(region, 5)
    region.remove(9)
    assert triggered(go(region, 6)) == []


@pytest.mark.parametrize(
    ("feet", "height", "inside"), [(0.0, 2.0, True), (0.0, 2.5, False), (6.0, 2.0, False)]
)
def test_an_area_has_a_height_and_any_part_of_a_body_touches_it(
    feet: float, height: float, inside: bool
) -> None:
    """A body is 1.8 m tall; the area reaches from 0.5 m below its entity to 3 m above."""
    region = Region((FIELD,))
    region.join(42, (0.0, feet, 0.0), now=0.0)
    region.put(Entity(9, (0.0, height, 0.0), radius=2.0))
    assert triggered(go(region, 1)) == ([(42, 9, True)] if inside else [])


@pytest.mark.parametrize(
    "entity", [Entity(1, (0, 0, 0), radius=31), Entity(1, (math.nan, 0, 0)), Entity(1, (0, 0, 0), radius=-1)]
)
def test_an_entity_that_cannot_be_is_refused(entity: Entity) -> None:
    with pytest.raises(MallError, match=r"world\.bad_entity"):
        Region((FIELD,)).put(entity)


SPOT = st.tuples(st.integers(0, 120), st.integers(0, 120))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(SPOT, st.integers(1, 30)), max_size=12), st.lists(SPOT, min_size=1, max_size=12))
def test_areas_agree_with_a_look_at_every_pair(
    areas: list[tuple[tuple[int, int], int]], path: list[tuple[int, int]]
) -> None:
    region = Region((FIELD,))
    slot = region.join(42, (0.0, 0.0, 0.0), now=0.0)
    for number, ((x, z), radius) in enumerate(areas):
        region.put(Entity(number, (float(x), 0.0, float(z)), radius=float(radius)))
    inside: set[int] = set()
    for tick, (x, z) in enumerate(path):
        region.place(slot, (float(x), 0.0, float(z)), float(tick))
        for event in region.step(b"", float(tick)).events.triggers:
            (inside.add if event.inside else inside.discard)(event.entity)
        assert inside == {n for n, (at, radius) in enumerate(areas) if math.dist(at, (x, z)) <= radius}


def test_near_and_within_reach() -> None:
    region = Region((FIELD,))
    slots = [region.join(player, (10.0 * player, 0.0, 0.0)) for player in range(1, 5)]
    assert region.near((0.0, 0.0, 0.0), 25.0) == slots[:2]
    region.put(Entity(9, (14.0, 0.0, 0.0)))
    assert region.within_reach(slots[0], 9)
    assert not region.within_reach(slots[1], 9)
    assert not region.within_reach(slots[0], 10)
