"""The map of the mainland against the contract's numbering, and addresses both ways."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from host.errors import MallError
from host.land import atlas
from host.land.names import AVENUES, THEMES

NUMBERS = st.integers(0, atlas.TIERRA - 1)


def test_98_regions_hold_all_100_100_tierra_once() -> None:
    numbers = [
        number
        for region in range(atlas.REGIONS)
        for block in atlas.region(region).blocks
        for number in range(block.first, block.first + block.count)
    ]
    assert numbers == list(range(100_100))


def test_names_are_unique_and_one_a_region() -> None:
    assert len(AVENUES) == atlas.REGIONS
    assert len({name.casefold() for name in AVENUES}) == atlas.REGIONS
    assert {atlas.region(n).theme for n in range(atlas.REGIONS)} == set(THEMES)


@pytest.mark.parametrize(
    ("x", "y", "code"), [(0, 0, 0), (1, 0, 1), (0, 1, 2), (2, 0, 4), (0, 2, 8), (31, 31, 1023)]
)
def test_morton_takes_bit_0_from_x(x: int, y: int, code: int) -> None:
    assert atlas.morton(x, y) == code
    assert atlas.unmorton(code) == (x, y)


@settings(deadline=None)
@given(NUMBERS)
def test_number_and_place_are_inverse(number: int) -> None:
    plot = atlas.tierra(number)
    assert atlas.number_at(plot.region, plot.x, plot.y) == number
    assert number == plot.region << 10 | atlas.morton(plot.x, plot.y)
    assert atlas.tierra_under(plot.region, *plot.rect.centre) == number
    assert (plot.rect.w, plot.rect.d) == (15, 15)


@settings(deadline=None)
@given(NUMBERS)
def test_address_is_read_back_in_any_case(number: int) -> None:
    text = atlas.address(number)
    assert atlas.find(text) == number
    assert atlas.find(f"  {text.upper()} ") == number


def test_address_reads_as_people_say_it() -> None:
    number = atlas.number_at(0, 2 * 4 + 3, 3 * 4 + 2)
    assert atlas.address(number) == "Curie Avenue 12, block C4"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nobody Avenue 1, block A1", "land.bad_address"),
        ("Curie Avenue 17, block A1", "land.bad_address"),
        ("Curie Avenue 0, block A1", "land.bad_address"),
        ("Curie Avenue 1, block J1", "land.bad_address"),
        ("", "land.bad_address"),
        ("Leavitt Avenue 1, block H8", "land.unknown"),
    ],
)
def test_bad_address_names_its_rule(text: str, code: str) -> None:
    with pytest.raises(MallError) as refusal:
        atlas.find(text)
    assert refusal.value.code == code


@pytest.mark.parametrize("number", [-1, 100_100, 1 << 40])
def test_number_beyond_the_land_is_refused(number: int) -> None:
    with pytest.raises(MallError, match=r"land\.unknown"):
        atlas.tierra(number)


@settings(deadline=None)
@given(NUMBERS, st.sampled_from(atlas.SQUARES))
def test_square_covers_exactly_its_numbers(number: int, side: int) -> None:
    base = number - number % (side * side)
    if base + side * side > atlas.TIERRA:
        with pytest.raises(MallError, match=r"land\.footprint"):
            atlas.square(base, side)
        return
    rect = atlas.square(base, side)
    metres = side * 15 + (side // 4 - 1) * 10
    assert (rect.w, rect.d) == (metres, metres)
    for inside in (base, number, base + side * side - 1):
        plot = atlas.tierra(inside).rect
        assert rect.contains(plot.x, plot.z)
        assert rect.contains(plot.east - 0.01, plot.south - 0.01)


@pytest.mark.parametrize(("base", "side"), [(1, 4), (16, 8), (0, 5), (0, 1), (-16, 4), (100_096, 4)])
def test_unaligned_or_odd_square_is_refused(base: int, side: int) -> None:
    with pytest.raises(MallError, match=r"land\.footprint"):
        atlas.square(base, side)


def test_lanes_and_blocks_tile_the_region_without_overlap() -> None:
    plan = atlas.region(0)
    pieces = [block.rect for block in plan.blocks] + list(plan.lanes)
    assert sum(rect.w * rect.d for rect in pieces) == plan.size**2
    for index, rect in enumerate(pieces):
        assert not any(rect.overlaps(other) for other in pieces[index + 1 :])


def test_nobody_owns_lanes_avenues_and_what_lies_beyond() -> None:
    assert atlas.tierra_under(0, 65.0, 5.0) is None
    assert atlas.tierra_under(0, -5.0, 5.0) is None
    assert atlas.tierra_under(0, 5.0, 551.0) is None
    assert atlas.tierra_under(97, 549.0, 549.0) is None


def test_plaza_touches_region_0_on_its_south_and_spawn_is_walkable() -> None:
    plan = atlas.region(0)
    assert plan.plaza == (200, 550, 150, 60)
    x, y, z, yaw = plan.spawn
    assert plan.plaza.contains(x, z)
    assert (y, yaw) == (0.0, 0.0)
    for number in range(atlas.REGIONS):
        other = atlas.region(number)
        assert any(rect.contains(other.spawn[0], other.spawn[2]) for rect in other.walkable)
        assert (other.plaza is None) == (number != 0)


def test_regions_do_not_overlap_on_the_map_and_neighbours_share_an_avenue() -> None:
    corners = [atlas.region(number).offset for number in range(atlas.REGIONS)]
    rects = [atlas.Rect(x, z, atlas.SIZE_M, atlas.SIZE_M) for x, z in corners]
    plaza = atlas.region(0).plaza
    assert plaza is not None
    rects.append(atlas.Rect(corners[0][0] + plaza.x, corners[0][1] + plaza.z, plaza.w, plaza.d))
    for index, rect in enumerate(rects):
        assert not any(rect.overlaps(other) for other in rects[index + 1 :])
    assert rects[-1].centre == (0.0, 0.0)
    assert (corners[0][0] + 580.0, corners[0][1]) in corners


def test_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    same = [atlas.region.__wrapped__(number, 7) for number in range(atlas.REGIONS)]
    assert same == [atlas.region.__wrapped__(number, 7) for number in range(atlas.REGIONS)]
    assert [plan.theme for plan in same] != [atlas.region(number, 8).theme for number in range(atlas.REGIONS)]
    assert len({plan.seed for plan in same}) == atlas.REGIONS
