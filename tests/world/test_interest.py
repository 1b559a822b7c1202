"""What each client knows, against a model that looks at everybody: after every tick they are the same."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from host.errors import MallError
from host.world.frames import MOVE, MOVE_STRUCT, SLOT_PREFIX
from host.world.geometry import Rect
from host.world.grid import Grid
from host.world.region import Region
from tests.gateway.client import Avatar, apply_snapshot, read_snapshot

FIELD = Rect(-30, -30, 610, 610)
SPOT = st.tuples(st.integers(-30 * 64, 579 * 64), st.integers(-30 * 64, 579 * 64))
STEP = st.tuples(st.integers(-11 * 64, 11 * 64), st.integers(-11 * 64, 11 * 64))
WHO = st.integers(0, 7)
ACTS = st.one_of(
    st.tuples(st.just("join"), WHO, SPOT),
    st.tuples(st.just("leave"), WHO),
    st.tuples(st.just("move"), WHO, STEP, st.integers(0, 255), st.integers(0, 4)),
    st.tuples(st.just("teleport"), WHO, SPOT),
    st.tuples(st.just("stall"), WHO),
    st.tuples(st.just("resume"), WHO),
)


class Crowd:
    """Up to eight players, each with a client that reads its frames."""

    def __init__(self) -> None:
        self.region = Region((FIELD,), capacity=4096)
        self.slots: dict[int, int] = {}
        self.known: dict[int, dict[int, Avatar]] = {}
        self.stalled: set[int] = set()
        self.now = 100.0

    def act(self, acts: list[tuple]) -> None:  # type: ignore[type-arg]
        moves = b""
        for name, who, *rest in acts:
            slot = self.slots.get(who)
            if name == "join" and slot is None:
                x, z = rest[0]
                self.slots[who] = self.region.join(who + 1, (x / 64, 0.0, z / 64), 0.0, self.now)
                self.known[who] = {}
            elif slot is None:
                continue
            elif name == "leave":
                self.region.leave(slot)
                del self.slots[who], self.known[who]
                self.stalled.discard(who)
            elif name == "move":
                (dx, dz), yaw, animation = rest
                x, _, z = self.region.position(slot)
                target = (round(x * 64) + dx, 0, round(z * 64) + dz)
                moves += SLOT_PREFIX.pack(slot) + MOVE_STRUCT.pack(MOVE, 0, 1, *target, yaw, animation, 0)
            elif name == "teleport":
                x, z = rest[0]
                self.region.place(slot, (x / 64, 0.0, z / 64), self.now)
            elif name == "stall":
                self.stalled.add(who)
                self.region.mute(slot)
            elif name == "resume" and who in self.stalled:
                self.stalled.discard(who)
                self.region.refresh(slot)
        self.now += 3.0
        step = self.region.step(moves, self.now)
        for who, slot in self.slots.items():
            frame = step.frame(slot)
            if who not in self.stalled and frame is not None:
                apply_snapshot(self.known[who], read_snapshot(frame))

    def truth(self, who: int) -> dict[int, tuple[float, float, float]]:
        grid = Grid(FIELD)
        cells = {slot: grid.cell_at(*self.region.position(slot)[::2]) for slot in self.slots.values()}
        seen = grid.around(cells[self.slots[who]])
        return {
            slot: tuple(value % 1024 for value in self.region.position(slot))  # type: ignore[misc]
            for slot, cell in cells.items()
            if cell in seen
        }


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(ACTS, max_size=8), max_size=25))
def test_every_client_knows_exactly_who_is_in_the_nine_cells_around(ticks: list[list[tuple]]) -> None:  # type: ignore[type-arg]
    crowd = Crowd()
    for acts in ticks:
        crowd.act(acts)
        for who in crowd.slots:
            if who not in crowd.stalled:
                assert {slot: avatar.at for slot, avatar in crowd.known[who].items()} == crowd.truth(who)


def test_who_crosses_while_it_does_not_read_is_told_of_what_it_left_behind() -> None:
    crowd = Crowd()
    crowd.act([("join", 0, (0, 0)), ("join", 1, (64, 64))])
    crowd.act([("stall", 0)])
    crowd.act([("teleport", 0, (30000, 30000))])
    crowd.act([("resume", 0)])
    assert crowd.known[0].keys() == crowd.truth(0).keys() == {crowd.slots[0]}


def test_a_quiet_world_sends_nothing() -> None:
    crowd = Crowd()
    crowd.act([("join", 0, (640, 640)), ("join", 1, (700, 700))])
    step = crowd.region.step(b"", crowd.now + 1)
    assert [step.frame(slot) for slot in crowd.slots.values()] == [None, None]


def test_clients_of_one_cell_share_their_bytes() -> None:
    crowd = Crowd()
    crowd.act([("join", who, (640 + who, 640)) for who in range(5)])
    crowd.act([("move", 0, (64, 0), 3, 1)])
    step = crowd.region.step(
        SLOT_PREFIX.pack(crowd.slots[1]) + MOVE_STRUCT.pack(MOVE, 0, 2, 700, 0, 700, 0, 1, 0), crowd.now + 1
    )
    frames = {step.frame(crowd.slots[who]) for who in (0, 2, 3, 4)}
    assert len({frame[8:] for frame in frames if frame}) == 1


def test_a_slot_rests_before_the_next_player_gets_it() -> None:
    region = Region((FIELD,), capacity=4)
    first = region.join(1, (0.0, 0.0, 0.0))
    region.leave(first)
    assert region.join(2, (0.0, 0.0, 0.0)) != first


def test_region_full_is_refused_and_frees_again_after_the_rest() -> None:
    region = Region((FIELD,), capacity=2)
    slots = [region.join(player, (0.0, 0.0, 0.0)) for player in (1, 2)]
    with pytest.raises(MallError, match=r"world\.region_full"):
        region.join(3, (0.0, 0.0, 0.0))
    region.leave(slots[0])
    for _ in range(201):
        region.step(b"", 0.0)
    assert region.join(3, (0.0, 0.0, 0.0)) == slots[0]
