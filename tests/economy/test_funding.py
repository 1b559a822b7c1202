"""The vault's events are booked once each; money that its funder takes back never leaves a promise uncovered unseen."""

from __future__ import annotations

import pytest

from contracts.chain import ChainEvent
from contracts.deploy import Deployment
from host.economy import claims, funding, ledger, outbox
from host.economy.follower import Follower, Handler, cursor
from host.errors import MallError
from host.events import PoolFunded
from host.storage.tx import Tx
from tests.economy.conftest import HERE, LIVE, add_pool, address, request
from tests.economy.test_settlement import file, sound, states
from tests.economy.world import FUNDER, OPERATOR, TREASURY, World, new_world


@pytest.fixture
def world(tmp_path):
    made = new_world(tmp_path)
    made.write(lambda tx: add_pool(tx, 1))
    yield made
    made.close()


def take_back(world: World, pool: int, funder=FUNDER) -> None:
    receipt = world.send(
        OPERATOR, "PrizeVault", "returnPool", int(funding.vault_pool(funder.address, pool), 16)
    )
    assert receipt.status == 1


def test_a_funded_pool_is_credited_once_however_often_its_event_comes(world) -> None:
    world.fund(1, 5 * LIVE)
    world.follow()
    world.follow()
    assert claims.left(world.rows, 1) == 5 * LIVE
    events = world.chain.events(0, world.chain.head().number, [world.deployed.vault.address])
    world.write(lambda tx: [funding.book(tx, event) for event in events * 2])
    assert claims.left(world.rows, 1) == 5 * LIVE
    sound(world)


def test_funding_is_told_with_pool_amount_and_funder(write, rows, published) -> None:
    write(lambda tx: add_pool(tx, 1))
    event = funded(1, 7)
    write(lambda tx: funding.book(tx, event))
    told = [(e.pool, e.amount, e.funder) for e in published if isinstance(e, PoolFunded)]
    assert told == [(1, 7, FUNDER.address)]


def funded(number: int, amount: int, log: int = 0) -> ChainEvent:
    known = int(funding.vault_pool(FUNDER.address, number), 16)
    args = {"poolId": known, "funder": FUNDER.address, "number": number, "amount": amount}
    return ChainEvent("0x1", "PoolFunded", args, 9, "0xabc", log, "0xb9")


@pytest.mark.parametrize("number", [0, 2, 2**63, 2**256 - 1])
def test_money_for_no_pool_of_ours_is_kept_apart_and_can_be_returned(world, number) -> None:
    world.fund(number, 5 * LIVE)
    world.follow()
    known = funding.vault_pool(FUNDER.address, number)
    assert ledger.balance(world.rows, f"unassigned:{known}") == 5 * LIVE
    sound(world)
    take_back(world, number)
    sound(world)
    assert ledger.balance(world.rows, f"unassigned:{known}") == 0


def test_a_returned_pool_is_debited(world) -> None:
    world.fund(1, 5 * LIVE)
    world.follow()
    take_back(world, 1)
    sound(world)
    assert claims.left(world.rows, 1) == 0
    assert world.balance(FUNDER.address) == 5 * LIVE
    assert file(world, 1).reason == "reward.pool_empty"


def test_a_return_withdraws_the_newest_promises_that_it_uncovers(world) -> None:
    world.fund(1, 5 * LIVE)
    world.fund(1, 4 * LIVE, TREASURY)
    world.follow()
    file(world, 1)
    file(world, 2)
    take_back(world, 1)
    world.follow()
    assert states(world) == ["booked", "rejected"]
    assert claims.get(world.rows, 2).reason == "reward.pool_returned"
    assert claims.left(world.rows, 1) == LIVE
    world.settlement().drain()
    assert world.balance(address(1)) == 3 * LIVE
    sound(world)


def test_a_return_under_an_open_epoch_shows_a_shortage_until_the_funder_pays_again(world) -> None:
    world.fund(1, 5 * LIVE)
    world.follow()
    file(world, 1)
    settlement = world.settlement()
    settlement.advance()
    take_back(world, 1)
    stuck = settlement.drain()[-1]
    assert "PoolTooSmall" in stuck.detail
    world.follow()
    assert ledger.balance(world.rows, "shortage:1") == -3 * LIVE
    ledger.check(world.rows)
    world.fund(1, 4 * LIVE)
    world.follow()
    assert (ledger.balance(world.rows, "shortage:1"), claims.left(world.rows, 1)) == (0, LIVE)
    world.write(lambda tx: outbox.retry(tx, "ada", "The funder paid again."))
    settlement.drain()
    assert world.balance(address(1)) == 3 * LIVE
    sound(world)


def test_a_handler_that_raises_moves_neither_cursor_nor_books(world) -> None:
    world.fund(1, 5 * LIVE)
    seen: list[str] = []

    def fail(tx: Tx, event: ChainEvent) -> None:
        seen.append(event.name)
        raise MallError("test.refused", "No.")

    vault = world.deployed.vault.address
    follower = Follower(world.rows, world.deployed.block)
    with pytest.raises(MallError, match=r"test\.refused"):
        follower.advance(world.write, world.chain, [funding.handler(vault), Handler(vault, fail)])
    assert seen
    assert (cursor(world.rows), claims.left(world.rows, 1)) == (-1, 0)
    world.follow()
    assert claims.left(world.rows, 1) == 5 * LIVE


def test_handlers_get_the_events_of_their_contract_in_chain_order(world) -> None:
    world.fund(1, 1)
    world.fund(1, 2)
    got: list[tuple[str, int, int]] = []
    deployed: Deployment = world.deployed
    handlers = [
        Handler(contract.address, lambda tx, e, name=contract.name: got.append((name, e.block, e.log_index)))
        for contract in (deployed.live, deployed.vault)
    ]
    follower = Follower(world.rows, deployed.block)
    while follower.advance(world.write, world.chain, handlers).behind:
        pass
    assert [place[1:] for place in got] == sorted(place[1:] for place in got)
    assert {name for name, *_ in got} == {"LiveToken", "PrizeVault"}
    assert follower.advance(world.write, world.chain, handlers).events == 0


def test_a_chain_shorter_than_what_was_read_is_refused(world, tmp_path) -> None:
    world.follow()
    world.write(lambda tx: tx.execute("update chain_cursor set block = 999"))
    with pytest.raises(MallError) as caught:
        world.follow()
    assert caught.value.code == "chain.rewound"


def test_a_returned_pool_that_was_never_funded_stops_the_follower(write) -> None:
    event = ChainEvent(
        "0x1", "PoolReturned", {"poolId": 5, "funder": FUNDER.address, "amount": 1}, 1, "0x2", 0, "0xb1"
    )
    with pytest.raises(MallError) as caught:
        write(lambda tx: funding.book(tx, event))
    assert caught.value.code == "funding.unknown_pool"


def test_a_pool_that_is_made_after_its_money_came_does_not_take_it(world) -> None:
    world.fund(2, 5 * LIVE)
    world.follow()
    world.write(lambda tx: add_pool(tx, 2, placement=2))
    world.fund(2, LIVE)
    world.follow()
    claim = world.write(lambda tx: claims.file(tx, request(placement=2), HERE))
    assert claim.reason == "reward.pool_empty"
    sound(world)
