"""The host's own transactions: carried out once however often the host ends, and pools that go back to their funder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from contracts import deploy
from contracts.local import LocalChain
from host.economy import claims, funding, ledger, outbox
from host.economy.sends import LEAST_RETURN, Sends
from host.errors import MallError
from host.storage.tx import Tx
from tests.economy.conftest import HERE, LIVE, add_pool, address, request
from tests.economy.world import FUNDER, OPERATOR, TREASURY, World, new_world, open_database

T = TypeVar("T")


@pytest.fixture
def world(tmp_path: Path):
    made = new_world(tmp_path, tmp_path / "chain.db")
    made.write(lambda tx: add_pool(tx, 1))
    deploy.write(made.deployed, tmp_path / "deployment.json")
    yield made
    made.close()


def sends(world: World, write=None, chain=None) -> Sends:
    signers = {key.address: key for key in (OPERATOR, TREASURY)}
    return Sends(
        write or world.write, world.rows, chain or world.chain, world.deployed, signers, lambda seconds: None
    )


def pay(world: World, made: Sends, key: str = "", wei: int = 5) -> str:
    return made.send(TREASURY.address, key, world.deployed.live, "transfer", address(1), wei)


def test_an_order_is_final_when_its_sender_hears_of_it(world) -> None:
    receipt = world.chain.receipt(pay(world, sends(world)))
    assert (receipt.status, world.balance(address(1))) == (1, 5)
    assert outbox.own_open(world.rows) == []


def test_an_order_with_a_name_is_carried_out_once(world) -> None:
    made = sends(world)
    assert pay(world, made, "order-7") == pay(world, made, "order-7")
    assert world.balance(address(1)) == 5
    with pytest.raises(MallError) as refused:
        pay(world, made, "order-7", 6)
    assert refused.value.code == "outbox.key_reused"
    assert pay(world, made) != pay(world, made)
    assert world.balance(address(1)) == 15


def test_what_the_contract_would_refuse_is_never_sent(world) -> None:
    height = world.chain.head().number
    with pytest.raises(MallError) as refused:
        pay(world, sends(world), wei=10**30)
    assert (refused.value.code, "Balance" in refused.value.message) == ("chain.refused", True)
    assert world.chain.head().number == height
    pay(world, sends(world))
    assert world.balance(address(1)) == 5


class Ended(BaseException):
    """The host ended here."""


class Ending:
    """A chain and a writer that end the host at the n-th effect, before or after it."""

    def __init__(self, world: World, left: int, before: bool) -> None:
        self.world, self.left, self.before = world, left, before

    def __getattr__(self, name: str) -> object:
        return getattr(self.world.chain, name)

    def _effect(self, work: Callable[[], T]) -> T:
        self.left -= 1
        if self.left == 0 and self.before:
            raise Ended
        done = work()
        if self.left == 0:
            raise Ended
        return done

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        return self._effect(lambda: self.world.chain.broadcast(raws))

    def write(self, work: Callable[[Tx], T], /) -> T:
        return self._effect(lambda: self.world.write(work))


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("effect", [1, 2, 3, 4])
def test_a_host_that_ends_at_any_effect_pays_once(world, effect: int, before: bool) -> None:
    ending = Ending(world, effect, before)
    with pytest.raises(Ended):
        pay(world, sends(world, ending.write, ending), "order-7")
    again = sends(world)
    while again.carry_on():
        pass
    assert world.balance(address(1)) == (0 if (effect, before) == (1, True) else 5)
    pay(world, again, "order-7")
    assert world.balance(address(1)) == 5


def test_settlement_and_returns_share_the_operators_nonces(world) -> None:
    world.fund(1, 9 * LIVE)
    world.follow()
    asked = request(1, player=1, address=address(1))
    world.write(lambda tx: claims.file(tx, asked, HERE))
    settlement, made = world.settlement(), sends(world)
    while settlement.advance().did != "signed":
        pass
    world.write(lambda tx: add_pool(tx, 2, placement=2))
    world.fund(2, LIVE, TREASURY)
    world.follow()
    end_placement(world, 2)
    assert made.return_pools() == 1
    assert not made.carry_on()  # the settlement's transaction is under way
    settlement.drain()
    while made.carry_on():
        pass
    world.follow()
    assert (world.balance(address(1)), claims.left(world.rows, 2)) == (3 * LIVE, 0)
    assert world.settlement().check(full=True).differences == ()


def end_placement(world: World, number: int) -> None:
    world.write(lambda tx: tx.execute("update placements set state = 'retired' where id = ?", number))


def test_a_pool_goes_back_when_its_placement_has_ended_and_nobody_waits_for_it(world) -> None:
    world.fund(1, 10 * LIVE)
    world.fund(1, 2 * LIVE, TREASURY)
    world.follow()
    asked = request(1, player=1, address=address(1))
    world.write(lambda tx: claims.file(tx, asked, HERE))
    made = sends(world)
    assert made.return_pools() == 0  # it still stands
    end_placement(world, 1)
    assert made.return_pools() == 0  # a winner waits
    world.settlement().drain()
    had, treasury = world.balance(FUNDER.address), world.balance(TREASURY.address)
    assert made.return_pools() == 2
    assert made.return_pools() == 0  # once
    while made.carry_on():
        pass
    world.follow()
    assert world.balance(FUNDER.address) - had == 7 * LIVE
    assert world.balance(TREASURY.address) - treasury == 2 * LIVE
    assert set(funding.holdings(world.rows).values()) == {0}
    ledger.check(world.rows)
    assert world.settlement().check(full=True).differences == ()


def test_dust_is_not_sent_back_unasked_and_nothing_while_books_and_chain_differ(world) -> None:
    world.fund(1, LEAST_RETURN - 1)
    world.follow()
    end_placement(world, 1)
    made = sends(world)
    assert (made.return_pools(), len(made.pools_to_return(1))) == (0, 1)
    world.fund(1, LIVE)
    world.follow()
    held = next(iter(funding.holdings(world.rows)))
    harm = {funding.VAULT + held: -1, "pool:1": 1}
    world.write(lambda tx: ledger.post(tx, "test.harm", "harm", harm))
    assert world.settlement().check().differences
    assert made.return_pools() == 0


def test_a_started_host_finds_what_was_left_open(world, tmp_path: Path) -> None:
    ending = Ending(world, 2, False)
    with pytest.raises(Ended):
        pay(world, sends(world, ending.write, ending), "order-7")
    world.close()
    chain = LocalChain(tmp_path / "chain.db", clock=lambda: 1_000_000.0)
    again = World(chain, world.deployed, *open_database(tmp_path), tmp_path)
    assert [step.state for step in outbox.own_open(again.rows)] == ["signed"]
    made = sends(again)
    while made.carry_on():
        pass
    assert again.balance(address(1)) == 5
    world.writer, world.chain, world.reader = again.writer, again.chain, again.reader
