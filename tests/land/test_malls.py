"""Malls and Islands: who holds what by the events agrees with a model that asks the chain, after any moves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.keys import PrivateKey
from host.accounts.addresses import ZERO
from host.errors import MallError
from host.events import LandChanged
from host.kernel import LAND_CONTRACTS
from host.land import rules, store
from host.land.models import DeedMoved, IslandLet, TitleMoved
from host.land.service import Land
from host.storage.tx import Tx
from tests.contracts.conftest import World
from tests.contracts.land import DAY, title
from tests.contracts.land import Land as OnChain
from tests.land.test_land import fresh

LAND = Land()
SIZES = {0: 1, 1: 16, 2: 64}


class City:
    """A chain, and a host's rows that follow it."""

    def __init__(self, folder: Path) -> None:
        self.world = World()
        self.chain = OnChain(self.world)
        self.tx: Tx = fresh(folder / "land.db")
        self.people = [self.world.person(name) for name in ("ann", "bob", "eve")]
        self.keys = {who.address: who for who in (*self.people, self.world.operator)}
        self.names = {
            self.world.deployed.contracts[name].address: kind for name, kind in LAND_CONTRACTS.items()
        }
        self.read = -1
        self.grounds: Iterator[int] = iter(range(1 << 10, 90 << 10, 64))
        self.follow()

    @property
    def now(self) -> int:
        return self.chain.now

    def follow(self) -> None:
        head = self.world.chain.head().number
        for event in self.world.chain.events(self.read + 1, head, list(self.names)):
            told = rules.told(self.names[event.address], event.name, event.args, self.chain.mall.address)
            if told is not None:
                LAND.apply(self.tx, told)
        self.read = head

    def does(self, who: PrivateKey, contract: Any, function: str, *arguments: Any) -> bool:
        """Send it if the contract takes it now; the host reads what came of it."""
        data = contract.encode(function, *arguments)
        if not self.world.chain.simulate(contract.address, data, sender=who.address).success:
            return False
        self.world.send(who, contract, function, *arguments)
        self.follow()
        return True

    def owner(self, tierra: int) -> str:
        """By the chain: a fused Tierra has the owner of its Mall's title."""
        found = self.chain.owner(tierra)
        if found != self.chain.mall.address:
            return found
        level, base = self.chain.ask(self.chain.tierra, "quadOf", tierra)
        return str(self.chain.ask(self.chain.mall, "ownerOf", title(level, base)))

    def holder(self, tierra: int) -> str:
        user = str(self.chain.ask(self.chain.tierra, "userOf", tierra))
        return self.owner(tierra) if user == ZERO else user

    def held(self, tierra: int) -> str:
        return LAND.holder(self.tx, tierra, self.now).address

    def move(self, base: int, verb: str, level: int, place: int, who: int, until: int) -> bool:
        """One try of one person's move in the 64 Tierra from `base` on."""
        first = base + place * SIZES[level]
        c, other = self.chain, self.people[who]
        key = self.keys[self.owner(first)]
        me, mall = key.address, title(level, first)
        end = self.now + until
        per_token = bool(until % 2)
        if verb == "sell":
            if level == 0:
                return self.does(key, c.tierra, "transferFrom", me, other.address, first)
            return self.does(key, c.tierra, "transferQuad", me, other.address, level, first, per_token)
        if verb == "rent":
            if level == 0:
                return self.does(key, c.tierra, "setUser", first, other.address, end)
            return self.does(key, c.tierra, "setQuadUser", level, first, other.address, end)
        if level == 0:
            return False
        if verb == "compose":
            return self.does(
                key, c.tierra, "safeTransferQuad", me, c.mall.address, level, first, per_token, b""
            )
        if verb == "decompose":
            return self.does(key, c.mall, "decompose", mall, per_token)
        if verb == "sell the Mall":
            return self.does(key, c.mall, "transferFrom", me, other.address, mall)
        if verb == "rent the Mall":
            return self.does(key, c.mall, "setUser", mall, other.address, end)
        part = title(2, base)
        return self.does(key, c.mall, "setPartUser", part, level - 1, first, other.address, end)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = City(tmp_path_factory.mktemp("city"))
    yield made
    made.tx._connection.close()


VERBS = ("compose", "compose", "decompose", "sell", "sell the Mall", "rent", "rent the Mall", "rent a part")
MOVES = st.tuples(
    st.sampled_from(VERBS), st.sampled_from((0, 1, 1, 2, 2)), st.integers(0, 63), st.integers(0, 2),
    st.integers(0, 2 * DAY),
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(
    moves=st.lists(MOVES, min_size=8, max_size=16),
    wait=st.integers(0, DAY),
    luck=st.randoms(use_true_random=False),
)
def test_the_holder_by_events_is_the_holder_by_the_chain(
    city: City, moves: list[tuple[str, int, int, int, int]], wait: int, luck: random.Random
) -> None:
    base = next(city.grounds)
    city.chain.sell(city.people[0], 2, base)
    city.follow()
    numbers = range(base, base + 64)
    for verb, level, place, who, until in moves:
        city.move(base, verb, level, place % (64 // SIZES[level]), who, until)
        some = luck.sample(numbers, 3)
        assert {t: city.held(t) for t in some} == {t: city.holder(t) for t in some}
    for seconds in (0, wait):
        city.world.chain.increase_time(seconds)
        city.world.chain.mine()
        assert {t: city.held(t) for t in numbers} == {t: city.holder(t) for t in numbers}
    assert {t: LAND.owner(city.tx, t) for t in numbers} == {t: city.owner(t) for t in numbers}


@pytest.mark.parametrize("per_token", [False, True])
def test_the_right_goes_with_the_title_of_the_mall(city: City, per_token: bool) -> None:
    ann, bob, eve = city.people
    base = 91 + per_token << 10
    mall, c = title(1, base), city.chain
    c.sell(ann, 1, base)
    city.follow()
    seen = len(city.tx.events)
    assert city.does(ann, c.tierra, "safeTransferQuad", ann.address, c.mall.address, 1, base, per_token, b"")
    # Who composes keeps the right: at no moment did the host see another holder.
    told = [event for event in city.tx.events[seen:] if isinstance(event, LandChanged)]
    assert [(e.tierra, e.count, e.owner) for e in told] == [(base, 16, ann.address)]
    assert ("mall", mall) in store.deeds_of(city.tx, ann.address)
    assert city.does(ann, c.mall, "transferFrom", ann.address, bob.address, mall)
    assert city.held(base + 5) == bob.address
    until = city.now + DAY
    assert city.does(bob, c.mall, "setUser", mall, eve.address, until)
    found = LAND.holder(city.tx, base + 5, until)
    assert (found.address, found.kind, found.until) == (eve.address, "tenant", until)
    assert LAND.holder(city.tx, base + 5, until + 1).address == bob.address
    assert city.does(bob, c.mall, "decompose", mall, per_token)
    assert LAND.owner(city.tx, base) == bob.address
    assert city.held(base) == eve.address
    assert store.deed_owner(city.tx, "mall", mall) is None
    assert ("mall", mall) not in store.deeds_of(city.tx, bob.address)


def test_an_island_has_owner_and_tenant_as_the_chain_says(city: City) -> None:
    ann, bob, _ = city.people
    island, treasury = city.chain.island, city.world.operator
    assert LAND.island_holder(city.tx, 100, city.now).address == treasury.address
    assert city.does(treasury, island, "transferFrom", treasury.address, ann.address, 7)
    until = city.now + DAY
    assert city.does(ann, island, "setUser", 7, bob.address, until)
    assert city.chain.ask(island, "userOf", 7) == LAND.island_holder(city.tx, 7, city.now).address
    assert LAND.island_holder(city.tx, 7, until).until == until
    assert LAND.island_holder(city.tx, 7, until + 1).address == city.chain.ask(island, "ownerOf", 7)
    assert city.does(treasury, island, "setUser", 8, ZERO, until)
    assert LAND.island_holder(city.tx, 8, city.now).kind == "owner"
    assert ("island", 7) in store.deeds_of(city.tx, ann.address)


@pytest.mark.parametrize(
    "event",
    [
        DeedMoved("mall", 0, ZERO),
        DeedMoved("mall", title(1, 8), ZERO),
        DeedMoved("mall", title(5, 0), ZERO),
        DeedMoved("mall", title(4, 97 << 10), ZERO),
        DeedMoved("mall", 2**256 - 1, ZERO),
        DeedMoved("island", 0, ZERO),
        DeedMoved("island", 101, ZERO),
        IslandLet(2**255, ZERO, 5),
    ],
)
def test_malls_and_islands_that_do_not_exist_are_refused(
    tmp_path: Path, event: DeedMoved | IslandLet
) -> None:
    tx = fresh(tmp_path / "land.db")
    with pytest.raises(MallError) as caught:
        LAND.apply(tx, event)
    assert caught.value.code == "land.unknown"
    tx._connection.close()


def test_a_move_to_the_mall_contract_is_no_change_of_the_holder_and_any_other_is() -> None:
    args = {"tokenId": 3, "from": "0xa", "to": "0xb"}
    assert rules.told("tierra", "Transfer", args, "0xb") is None
    assert rules.told("tierra", "Transfer", args, "0xc") == TitleMoved(3, 3, "0xb")
    assert rules.told("tierra", "Approval", {}, "0xb") is None
    assert rules.told("mall", "MallComposed", {"id": 1 << 20}, "0xb") is None
