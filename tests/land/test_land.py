"""Land rights: ranges laid over ranges agree with a map of single Tierra; a rent ends by the clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.accounts.addresses import ZERO, checked
from host.errors import MallError
from host.events import LandChanged
from host.land import rules, store
from host.land.models import Title, TitleMoved, Use, UseGranted
from host.land.service import Land
from host.storage.database import connect, migrate
from host.storage.tx import Tx

ADA, BOB, EVE = (checked("0x" + digit * 40) for digit in "123")
LAND = Land()


def fresh(path: Path | str = ":memory:") -> Tx:
    connection = connect(Path(path))
    migrate(connection, [store.MIGRATIONS])
    return Tx(connection, 1000.0)


@pytest.fixture
def tx(tmp_path: Path):
    opened = fresh(tmp_path / "land.db")
    yield opened
    opened._connection.close()


def genesis(tx: Tx) -> None:
    LAND.apply(tx, TitleMoved(0, rules.LAST, ADA))


def test_genesis_is_one_row_and_one_event(tx: Tx) -> None:
    assert LAND.holder(tx, 5, 1000).address == ZERO
    genesis(tx)
    assert tx.value("select count(*) from land_titles") == 1
    assert LAND.holder(tx, rules.LAST, 1000).address == ADA
    assert tx.events == [
        LandChanged(at=1000.0, tierra=0, count=rules.TIERRAS, owner=ADA, user="", user_until=0)
    ]


def test_a_rent_ends_by_itself(tx: Tx) -> None:
    genesis(tx)
    LAND.apply(tx, UseGranted(7, 7, BOB, 2000))
    assert (LAND.holder(tx, 7, 2000.9).address, LAND.holder(tx, 7, 2000.9).kind) == (BOB, "tenant")
    assert (LAND.holder(tx, 7, 2001).address, LAND.holder(tx, 7, 2001).kind) == (ADA, "owner")
    LAND.require_holder(tx, BOB, [7], 1500)
    with pytest.raises(MallError) as caught:
        LAND.require_holder(tx, ADA, [6, 7], 1500)
    assert caught.value.code == "land.not_holder"
    assert dict(caught.value.facts) == {
        "tierra": 7, "holder": "0x2222…2222", "kind": "tenant", "until": 2000,
    }  # fmt: skip


def test_a_sale_does_not_end_a_rent_but_the_zero_user_does(tx: Tx) -> None:
    genesis(tx)
    LAND.apply(tx, UseGranted(16, 31, BOB, 5000))
    LAND.apply(tx, TitleMoved(0, 63, EVE))
    assert LAND.holder(tx, 20, 1000).address == BOB
    LAND.apply(tx, UseGranted(16, 31, ZERO, 0))
    assert LAND.holder(tx, 20, 1000).address == EVE


def test_the_rent_of_a_part_goes_before_the_rent_of_the_square_around_it(tx: Tx) -> None:
    genesis(tx)
    LAND.apply(tx, UseGranted(20, 20, EVE, 1500))
    LAND.apply(tx, UseGranted(16, 31, BOB, 9000))
    assert LAND.holder(tx, 20, 1500).address == EVE
    assert LAND.holder(tx, 20, 1501).address == BOB
    told = [(e.tierra, e.count, e.user) for e in tx.events[-3:] if isinstance(e, LandChanged)]
    assert told == [(16, 4, BOB), (20, 1, EVE), (21, 11, BOB)]


def test_nobody_holds_land_with_no_address(tx: Tx) -> None:
    for nobody in ("", ZERO):
        with pytest.raises(MallError, match=r"land\.not_holder"):
            LAND.require_holder(tx, nobody, [1], 1000)


@pytest.mark.parametrize(
    ("first", "last"), [(-1, 3), (5, 4), (0, rules.TIERRAS), (rules.TIERRAS, rules.TIERRAS)]
)
def test_land_that_does_not_exist_is_refused(tx: Tx, first: int, last: int) -> None:
    with pytest.raises(MallError) as caught:
        LAND.apply(tx, TitleMoved(first, last, ADA))
    assert caught.value.code == "land.unknown"


def test_a_use_of_a_range_that_is_no_square_is_refused(tx: Tx) -> None:
    with pytest.raises(MallError, match=r"land\.footprint"):
        LAND.apply(tx, UseGranted(3, 9, BOB, 5000))


SQUARES = st.sampled_from([1, 16, 64, 256]).flatmap(
    lambda size: st.integers(0, 256 // size - 1).map(lambda n: (n * size, n * size + size - 1))
)
RANGES = st.tuples(st.integers(0, 255), st.integers(0, 255)).map(lambda pair: (min(pair), max(pair)))
EVENTS = st.lists(
    st.one_of(
        st.builds(lambda r, to: TitleMoved(*r, to), RANGES, st.sampled_from([ADA, BOB, EVE])),
        st.builds(
            lambda r, user, until: UseGranted(*r, user, until),
            SQUARES,
            st.sampled_from([ADA, BOB, EVE, ZERO]),
            st.integers(900, 1100),
        ),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.integers(900, 1100))
def test_ranges_agree_with_a_map_of_single_tierra(tmp_path_factory, events: list, now: int) -> None:
    tx = fresh(tmp_path_factory.mktemp("land") / "land.db")
    owners = {t: ADA for t in range(256)}
    uses: dict[tuple[int, int], tuple[str, int]] = {}
    genesis(tx)
    for event in events:
        LAND.apply(tx, event)
        if isinstance(event, TitleMoved):
            owners.update({t: event.to for t in range(event.first, event.last + 1)})
        else:
            uses[event.first, event.last] = (event.user, event.until)
    expected = {}
    for tierra in range(256):
        around = [
            (last - first, user)
            for (first, last), (user, until) in uses.items()
            if first <= tierra <= last and user != ZERO and until >= now
        ]
        expected[tierra] = min(around)[1] if around else owners[tierra]
    assert {t: LAND.holder(tx, t, now).address for t in range(256)} == expected
    for who in (ADA, BOB, EVE):
        held = [t for h in LAND.holdings(tx, who, now) for t in range(h.first, h.last + 1) if t < 256]
        assert held == [t for t in range(256) if expected[t] == who]
    laid = store.titles(tx, 0, rules.LAST)
    assert [t.first for t in laid][1:] == [t.last + 1 for t in laid][:-1]
    tx._connection.close()


@pytest.mark.parametrize(
    ("base", "width", "depth", "cells"),
    [
        (0, 1, 1, (0,)),
        (rules.LAST, 1, 1, (rules.LAST,)),
        (0, 2, 1, (0, 1)),
        (0, 1, 2, (0, 2)),
        (3, 2, 2, (3, 6, 9, 12)),
        (16, 4, 4, tuple(range(16, 32))),
        (1024, 32, 32, tuple(range(1024, 2048))),
    ],
)
def test_footprints_cover_their_cells(base: int, width: int, depth: int, cells: tuple[int, ...]) -> None:
    assert rules.footprint(base, width, depth) == cells


@pytest.mark.parametrize(
    ("base", "width", "depth"),
    [
        (1, 4, 4),
        (16, 8, 8),
        (0, 4, 2),
        (0, 5, 5),
        (0, 0, 1),
        (5, 2, 1),
        (12, 3, 3),
        (99328, 32, 32),
        (0, -1, 1),
    ],
)
def test_footprints_that_cross_a_lane_or_the_end_are_refused(base: int, width: int, depth: int) -> None:
    with pytest.raises(MallError) as caught:
        rules.footprint(base, width, depth)
    assert caught.value.code in ("land.footprint", "land.unknown")


def test_laying_keeps_both_ends() -> None:
    assert rules.lay(Title(3, 5, BOB), [Title(0, 9, ADA)]) == [
        Title(0, 2, ADA),
        Title(3, 5, BOB),
        Title(6, 9, ADA),
    ]


def test_segments_without_uses_are_one() -> None:
    assert list(rules.segments(3, 9, [])) == [(3, 9, None)]
    assert list(rules.segments(20, 20, [Use(16, 31, BOB, 1)])) == [(20, 20, Use(16, 31, BOB, 1))]
