"""Which moves are believed: honest players are never corrected, lies always, and nothing drifts."""

from __future__ import annotations

import math
import random

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from host.errors import MallError
from host.world.frames import MOVE, MOVE_STRUCT, SLOT_PREFIX, to_units
from host.world.geometry import Rect
from host.world.limits import GRAVITY, JUMP_SPEED, RUN_SPEED
from host.world.region import Region
from host.world.step import Step

FIELD = Rect(-30, -30, 610, 610)
Point = tuple[float, float, float]


class Walker:
    """One body and what is corrected."""

    def __init__(self, at: Point = (100.0, 0.0, 100.0), region: Region | None = None) -> None:
        self.region = region or Region((FIELD, Rect(200, 550, 150, 60)))
        self.now = 1000.0
        self.slot = self.region.join(1, at, 0.0, self.now)
        self.sequence = 0
        self.corrected: list[Point] = []

    def report(self, *reports: Point, after: float = 0.1) -> Step:
        """Reports that arrive in one tick, `after` seconds since the last."""
        self.now += after
        moves = b""
        for at in reports:
            self.sequence = (self.sequence + 1) % 65536
            units = (to_units(value) for value in at)
            moves += SLOT_PREFIX.pack(self.slot) + MOVE_STRUCT.pack(MOVE, 0, self.sequence, *units, 0, 1, 0)
        step = self.region.step(moves, self.now)
        if self.slot in step.corrections:
            self.corrected.append(self.region.position(self.slot))
        return step


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_honest_runner_on_a_bad_link_is_never_corrected(seed: int) -> None:
    """Reports are made every 100 ms at full run and arrive late, in bursts, after stalls up to a second."""
    chance = random.Random(seed)
    walker = Walker()
    x, z, heading = 100.0, 100.0, 0.0
    arrivals: list[tuple[float, Point]] = []
    last = 0.0
    for report in range(150):
        heading += chance.uniform(-0.6, 0.6)
        x = min(570.0, max(-25.0, x + math.cos(heading) * RUN_SPEED * 0.1))
        z = min(570.0, max(-25.0, z + math.sin(heading) * RUN_SPEED * 0.1))
        stall = (
            chance.choice([0.0, 0.0, 0.0, 0.05, 0.2]) if chance.random() > 0.03 else chance.uniform(0.3, 1.0)
        )
        last = max(last, report * 0.1 + stall)
        arrivals.append((last, (x, 0.0, z)))
    for tick in range(400):
        due = [at for when, at in arrivals if tick * 0.05 <= when < (tick + 1) * 0.05]
        walker.report(*due, after=0.05)
    assert walker.corrected == []
    assert math.dist(walker.region.position(walker.slot), (x, 0.0, z)) < 0.02


def test_honest_jumper_is_never_corrected() -> None:
    walker = Walker()
    for hop in range(20):
        for step in range(8):
            t = step * 0.1
            walker.report(
                (100.0 + hop * 0.8 + step * 0.1, max(0.0, JUMP_SPEED * t - GRAVITY * t * t / 2), 100.0)
            )
    assert walker.corrected == []


def test_speed_lie_is_corrected_to_the_last_believed_place() -> None:
    walker = Walker()
    walker.report((100.5, 0.0, 100.0))
    walker.report((300.0, 0.0, 100.0))
    assert walker.corrected == [(100.5, 0.0, 100.0)]
    assert walker.region.position(walker.slot) == (100.5, 0.0, 100.0)


def test_cheat_gains_no_more_than_the_allowance_over_time() -> None:
    walker = Walker()
    for report in range(200):
        walker.report((100.0 + report * 2.0, 0.0, 100.0))
        if walker.corrected:
            break
    x, _, _ = walker.region.position(walker.slot)
    passed = walker.now - 1000.0
    assert x - 100.0 <= RUN_SPEED * 1.1 * (passed + 1.5)
    assert walker.corrected


@pytest.mark.parametrize("lie", [(-31.0, 0.0, 100.0), (-29.0, 0.0, -31.0)])
def test_bounds_hold(lie: Point) -> None:
    walker = Walker(at=(-29.0, 0.0, 100.0) if lie[0] < -30 else (-29.0, 0.0, -29.0))
    walker.report(lie)
    assert len(walker.corrected) == 1


def test_plaza_is_walkable_and_its_sides_are_not() -> None:
    walker = Walker(at=(201.0, 0.0, 590.0))
    walker.report((200.5, 0.0, 590.0))
    assert walker.corrected == []
    walker.report((199.0, 0.0, 590.0))
    assert len(walker.corrected) == 1


def test_flying_and_hovering_are_corrected_to_the_ground() -> None:
    walker = Walker()
    walker.report((100.0, 5.0, 100.0))
    assert walker.corrected == [(100.0, 0.0, 100.0)]
    hoverer = Walker()
    for _ in range(40):
        hoverer.report((100.0, 1.0, 100.0))
    assert hoverer.corrected
    assert hoverer.corrected[0] == (100.0, 0.0, 100.0)


def test_a_placement_gives_room_up_to_its_height() -> None:
    walker = Walker()
    walker.region.add_place(7, Rect(90, 90, 15, 15), 20.0)
    for height in range(1, 21):
        walker.report((100.0, float(height), 100.0))
    for _ in range(20):
        walker.report((100.0, 20.0, 100.0))
    assert walker.corrected == []
    walker.report((100.0, 22.5, 100.0))
    assert len(walker.corrected) == 1


def test_falling_from_a_roof_onto_the_street_is_honest() -> None:
    walker = Walker(at=(100.0, 20.0, 100.0))
    walker.region.add_place(7, Rect(90, 90, 15, 15), 20.0)
    for _ in range(30):
        walker.report((104.0, 20.0, 100.0))
    height, speed, x = 20.0, 0.0, 104.5
    while height > 0:
        walker.report((x, height, 100.0))
        speed, x = speed + GRAVITY * 0.1, x + 0.4
        height -= speed * 0.1
    walker.report((x, 0.0, 100.0))
    assert walker.corrected == []


def test_who_stood_on_a_roof_that_is_gone_may_fall() -> None:
    walker = Walker(at=(100.0, 20.0, 100.0))
    for height in (20.0, 19.0, 15.0, 8.0, 0.0):
        walker.report((100.0, height, 100.0))
    assert walker.corrected == []


@pytest.mark.parametrize(
    "at", [(-40.0, 0.0, 0.0), (math.nan, 0.0, 0.0), (0.0, math.inf, 0.0), (0.0, 0.0, 600.0)]
)
def test_nobody_is_put_beyond_the_walkable_ground(at: Point) -> None:
    walker = Walker()
    with pytest.raises(MallError, match=r"world\.out_of_bounds"):
        walker.region.place(walker.slot, at, walker.now)
    with pytest.raises(MallError, match=r"world\.out_of_bounds"):
        walker.region.join(2, at)
    assert walker.region.position(walker.slot) == (100.0, 0.0, 100.0)


def test_teleport_is_not_undone_by_moves_from_before() -> None:
    walker = Walker()
    walker.report((100.0, 0.0, 100.0))
    walker.region.place(walker.slot, (105.0, 0.0, 100.0), walker.now)
    walker.report((100.2, 0.0, 100.0))
    assert walker.region.position(walker.slot) == (105.0, 0.0, 100.0)
    assert walker.corrected == [(105.0, 0.0, 100.0)]
    walker.report((105.4, 0.0, 100.0))
    walker.report((106.0, 0.0, 100.0))
    assert walker.region.position(walker.slot) == (106.0, 0.0, 100.0)


def test_nothing_drifts_over_a_thousand_reports() -> None:
    walker = Walker()
    for report in range(1_000):
        angle = report * 0.01
        walker.report((100 + 10 * math.cos(angle) - 10, 0.0, 100 + 10 * math.sin(angle)))
        x, _, z = walker.region.position(walker.slot)
        assert abs(x - (90 + 10 * math.cos(angle))) <= 1 / 128
        assert abs(z - (100 + 10 * math.sin(angle))) <= 1 / 128
    assert walker.corrected == []


def test_the_echo_is_the_last_sequence_also_of_refused_moves() -> None:
    walker = Walker()
    for _ in range(5):
        step = walker.report((400.0, 0.0, 400.0))
    assert step.acks[walker.slot] == walker.sequence == 5


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 65535), st.binary(min_size=20, max_size=20)), max_size=20))
def test_any_twenty_bytes_leave_everybody_on_walkable_ground(frames: list[tuple[int, bytes]]) -> None:
    walker = Walker()
    moves = b"".join(SLOT_PREFIX.pack(slot % 4) + frame for slot, frame in frames)
    moves += b"".join(SLOT_PREFIX.pack(slot) + frame for slot, frame in frames)
    step = walker.region.step(moves, 1000.05)
    x, y, z = walker.region.position(walker.slot)
    assert math.dist((x, z), (100.0, 100.0)) < 15
    assert -1 < y < 3
    assert step.frame(walker.slot) is not None
