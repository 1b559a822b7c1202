"""Booked claims reach wallets; whatever the chain refuses is shown and never silently changed."""

from __future__ import annotations

import pytest

from contracts.chain import Intent
from contracts.errors import ChainError
from host.economy import claims, epochs, funding, ledger, outbox
from host.economy.reconcile import reconcile
from host.errors import MallError
from host.storage import audit
from tests.economy.conftest import HERE, LIVE, add_pool, address, request
from tests.economy.world import FUNDER, OPERATOR, TREASURY, World, derive_key, new_world

PLAYER = derive_key(b"economy tests, no secret".ljust(32), "player")


@pytest.fixture
def world(tmp_path):
    made = new_world(tmp_path)
    made.write(lambda tx: add_pool(tx, 1))
    made.fund(1, 100 * LIVE)
    made.follow()
    yield made
    made.close()


def file(world: World, number: int, **changes: object):
    asked = request(number, **{"player": number, "address": address(number), **changes})
    return world.write(lambda tx: claims.file(tx, asked, HERE))


def sound(world: World) -> None:
    """Books balance, agree with the chain, and the audit chain is whole."""
    world.follow()
    ledger.check(world.rows)
    found = reconcile(world.rows, world.chain, world.deployed)
    assert found.differences == ()
    audit.verify(world.rows.all("select * from audit order by seq"))


def actions(world: World) -> list[str]:
    return [row["action"] for row in world.rows.all("select action from audit order by seq")]


def states(world: World) -> list[str]:
    return [row["state"] for row in world.rows.all("select state from claims order by id")]


def test_an_epoch_pays_all_booked_claims_once(world) -> None:
    for number in (1, 2, 3):
        file(world, number)
    file(world, 4, player=3, address=address(3), amount="0.5")
    assert [done.did for done in world.settlement().drain()] == [
        "closed", "signed", "sent", "settled", "signed", "sent", "paid", "idle",
    ]  # fmt: skip
    assert [world.balance(address(n)) for n in (1, 2, 3)] == [3 * LIVE, 3 * LIVE, 3_500_000_000_000_000_000]
    paid = claims.list_claims(world.rows, state="paid")
    assert len(paid) == 4
    receipts = {world.chain.receipt(claim.tx).status for claim in paid}
    assert receipts == {1}
    sound(world)


def test_later_epochs_pay_only_what_is_new(world) -> None:
    for number in (1, 2, 3):
        file(world, number, player=1, address=address(1))
        assert world.settlement().drain()[-1].did == "idle"
        assert world.balance(address(1)) == number * 3 * LIVE
        sound(world)


def test_an_epoch_is_bounded_and_pushes_are_batched(world) -> None:
    for number in range(1, 8):
        file(world, number)
    settlement = world.settlement(push_batch=2, max_claims=5)
    steps = [done.step for done in settlement.drain() if done.did == "paid"]
    assert steps == ["push:0", "push:1", "push:2", "push:0"]
    assert [claims.get(world.rows, n).epoch for n in range(1, 8)] == [1] * 5 + [2] * 2
    assert states(world) == ["paid"] * 7
    sound(world)


def test_a_pool_of_many_funders_is_drawn_from_the_fullest_first(world) -> None:
    world.fund(1, 10 * LIVE, TREASURY)
    world.follow()
    file(world, 1, amount="104")
    world.settlement().drain()
    assert world.balance(address(1)) == 104 * LIVE
    assert sorted(draw.amount for draw in epochs.draws_of(world.rows, 1)) == [4 * LIVE, 100 * LIVE]
    sound(world)


def test_a_claim_by_proof_before_the_push_is_paid_once_and_named_as_the_payer(world) -> None:
    file(world, 1)
    file(world, 2)
    settlement = world.settlement()
    while settlement.advance().did != "settled":
        pass
    tree = epochs.tree_of(world.rows, 1)
    receipt = world.send(PLAYER, "Distributor", "claim", tree.entry(address(1)), tree.proof(address(1)))
    assert receipt.status == 1
    settlement.drain()
    first, second = (claims.get(world.rows, n) for n in (1, 2))
    assert (first.state, first.tx) == ("paid", receipt.tx_hash)
    assert second.tx not in ("", receipt.tx_hash)
    assert [world.balance(address(n)) for n in (1, 2)] == [3 * LIVE, 3 * LIVE]
    sound(world)


def test_what_the_vault_would_refuse_is_not_sent_and_goes_on_by_itself(world) -> None:
    file(world, 1)
    settlement = world.settlement()
    assert settlement.advance().did == "closed"
    world.send(OPERATOR, "PrizeVault", "pauseDraws", True)
    stuck = settlement.drain()[-1]
    assert (stuck.did, stuck.code) == ("stuck", "settlement.refused")
    assert "DrawsArePaused" in stuck.detail
    before = outbox.open_step(world.rows)
    assert (before.state, before.code, before.raw) == ("ready", "settlement.refused", b"")
    height = world.chain.head().number
    assert {world.settlement().advance().did for _ in range(3)} == {"stuck"}
    assert world.chain.head().number == height
    assert actions(world).count("settlement.refused") == 1
    world.send(OPERATOR, "PrizeVault", "pauseDraws", False)
    assert settlement.drain()[-1].did == "idle"
    assert world.balance(address(1)) == 3 * LIVE
    sound(world)


def refuse_on_the_way(world: World, settlement) -> None:
    """The pool's funder takes it back between signing and sending, as it may after 30 days without an epoch."""
    assert settlement.advance().did == "closed"
    assert settlement.advance().did == "signed"
    world.chain.increase_time(31 * 86_400)
    world.chain.mine()
    assert world.send(FUNDER, "PrizeVault", "returnPool", vault_number(1)).status == 1


def test_a_refused_settle_waits_for_an_operator_with_the_same_content(world) -> None:
    file(world, 1)
    settlement = world.settlement()
    refuse_on_the_way(world, settlement)
    stuck = settlement.drain()[-1]
    assert (stuck.did, stuck.code) == ("stuck", "settlement.reverted")
    assert "PoolTooSmall" in stuck.detail
    before = outbox.open_step(world.rows)
    assert (before.state, before.code) == ("reverted", "settlement.reverted")
    height = world.chain.head().number
    assert {world.settlement().advance().did for _ in range(3)} == {"stuck"}
    assert world.chain.head().number == height
    file(world, 2)
    assert states(world) == ["settling", "booked"]
    assert world.balance(address(1)) == 0
    world.fund(1, 50 * LIVE)
    settlement.retry("ada", "The pool is full again.")
    assert outbox.open_step(world.rows).data == before.data
    settlement.drain()
    assert [world.balance(address(n)) for n in (1, 2)] == [3 * LIVE, 0]
    assert states(world) == ["paid", "rejected"]  # the second was promised from what had been taken back
    assert {"settlement.reverted", "settlement.retried"} <= set(actions(world))
    sound(world)


def test_a_refused_epoch_is_given_up_only_when_its_bytes_are_dead(world) -> None:
    file(world, 1)
    settlement = world.settlement()
    settlement.advance()
    settlement.advance()
    step = outbox.open_step(world.rows)
    world.write(
        lambda tx: tx.execute("update outbox set state = 'ready', reason = 'x' where id = ?", step.id)
    )
    with pytest.raises(MallError) as caught:
        settlement.give_up("ada", "In a hurry.")
    assert caught.value.code == "settlement.may_be_mined"
    world.write(
        lambda tx: tx.execute("update outbox set state = 'signed', reason = '' where id = ?", step.id)
    )
    settlement.drain()
    assert world.balance(address(1)) == 3 * LIVE


def test_a_refused_epoch_can_be_given_up_and_what_is_covered_is_settled_in_another(world) -> None:
    world.write(lambda tx: add_pool(tx, 2, placement=2))
    world.fund(2, 9 * LIVE, TREASURY)
    world.follow()
    file(world, 1)
    file(world, 2, placement=2)
    settlement = world.settlement()
    settlement.advance()
    with pytest.raises(MallError) as caught:
        settlement.give_up("ada", "Too early.")
    assert caught.value.code == "settlement.not_refused"
    assert world.send(OPERATOR, "PrizeVault", "returnPool", vault_number(1)).status == 1
    assert settlement.drain()[-1].code == "settlement.refused"
    settlement.give_up("ada", "The funder of pool 1 left.")
    world.follow()
    assert states(world) == ["rejected", "booked"]
    settlement.drain()
    assert [world.balance(address(n)) for n in (1, 2)] == [0, 3 * LIVE]
    assert states(world) == ["rejected", "paid"]
    sound(world)


def test_promises_without_cover_hold_nobody_elses_up(world) -> None:
    world.write(lambda tx: add_pool(tx, 2, placement=2))
    world.fund(2, 9 * LIVE, TREASURY)
    world.follow()
    file(world, 1)
    file(world, 2)
    settlement = world.settlement(max_claims=2)
    settlement.advance()
    assert world.send(OPERATOR, "PrizeVault", "returnPool", vault_number(1)).status == 1
    assert settlement.drain()[-1].code == "settlement.refused"
    world.follow()
    settlement.give_up("ada", "The funder of pool 1 left.")
    assert settlement.drain()[-1].code == "settlement.uncovered"
    file(world, 3, placement=2)
    settlement.drain()
    assert states(world) == ["booked", "booked", "paid"]
    world.fund(1, 6 * LIVE)
    world.follow()
    settlement.drain()
    assert states(world) == ["paid"] * 3
    sound(world)


def vault_number(pool: int) -> int:
    return int(funding.vault_pool(FUNDER.address, pool), 16)


def test_nothing_is_retried_that_is_not_stuck(world) -> None:
    for drained in (False, True):
        if drained:
            file(world, 1)
            world.settlement().advance()
        with pytest.raises(MallError) as caught:
            world.write(lambda tx: outbox.retry(tx, "ada", ""))
        assert caught.value.code == "settlement.not_stuck"


def test_a_nonce_that_another_transaction_took_is_shown_and_signed_anew_on_order(world) -> None:
    file(world, 1)
    settlement = world.settlement()
    settlement.advance()
    assert settlement.advance().did == "signed"
    world.send(OPERATOR, "LiveToken", "approve", FUNDER.address, 1)
    for _ in range(2):
        stuck = settlement.advance()
        assert (stuck.did, stuck.code) == ("stuck", "settlement.nonce_taken")
    assert actions(world).count("settlement.nonce_taken") == 1
    settlement.retry("ada", "The operator's key was used by hand.")
    settlement.drain()
    assert world.balance(address(1)) == 3 * LIVE
    sound(world)


def test_books_that_differ_from_the_chain_stop_the_settlement(world) -> None:
    file(world, 1)
    world.write(
        lambda tx: ledger.post(
            tx, "test.harm", "harm", {"chain:vault:" + next(iter(tx_pools(tx))): -1, "pool:1": 1}
        )
    )
    settlement = world.settlement()
    for _ in range(2):
        stuck = settlement.advance()
        assert (stuck.did, stuck.code) == ("stuck", "settlement.differs")
    assert f"books {100 * LIVE + 1}, chain {100 * LIVE}" in stuck.detail
    assert actions(world).count("settlement.differs") == 1
    assert states(world) == ["booked"]


def tx_pools(tx) -> list[str]:
    return [row["id"] for row in tx.all("select id from vault_pools")]


def test_a_database_older_than_its_chain_does_not_settle(world) -> None:
    """As after a restored backup: the vault has seen an epoch that the books have not."""
    world.send(OPERATOR, "PrizeVault", "settle", 1, b"\x01" * 32, b"\x02" * 32, [])
    world.follow()
    file(world, 1)
    stuck = world.settlement().advance()
    assert (stuck.did, stuck.code) == ("stuck", "settlement.differs")
    assert stuck.detail == f"epoch: books 0, chain 1, at block {world.chain.head().number}"


def test_strangers_gifts_to_vault_and_distributor_stop_nothing(world) -> None:
    file(world, 1)
    for contract in (world.deployed.vault, world.deployed.distributor):
        world.send(TREASURY, "LiveToken", "transfer", contract.address, 5)
    world.settlement().drain()
    assert world.balance(address(1)) == 3 * LIVE
    sound(world)


def test_an_open_epoch_is_no_difference_at_any_step(world) -> None:
    for number in (1, 2, 3):
        file(world, number)
    settlement = world.settlement(push_batch=1)
    moved = True
    while moved:
        sound(world)
        moved = settlement.advance().moved
    assert states(world) == ["paid"] * 3


def test_two_settlements_at_once_pay_once(world) -> None:
    """A second host by mistake: one of them is told that somebody else moved the step."""
    file(world, 1)
    first, second = world.settlement(), world.settlement()
    first.advance()
    step = outbox.open_step(world.rows)
    first.advance()
    signed = world.chain.sign(intent_of(step), world.chain.nonce(OPERATOR.address), OPERATOR)
    with pytest.raises(MallError) as caught:
        world.write(lambda tx: outbox.store_signed(tx, step, signed))
    assert caught.value.code == "settlement.step_moved"
    for _ in range(20):
        first.advance()
        second.advance()
    assert world.balance(address(1)) == 3 * LIVE
    sound(world)


def intent_of(step):
    return Intent(key=step.key, sender=OPERATOR.address, to=step.contract, data=step.data)


def test_a_push_that_needs_more_gas_than_a_transaction_may_use_is_halved(world) -> None:
    """Each first payment writes two new words; 400 of them are above 2^24 gas."""
    count = 400
    world.fund(1, 1200 * LIVE)
    world.follow()
    asked = [request(n, player=n, address=address(n)) for n in range(1, count + 1)]
    world.write(lambda tx: [claims.file(tx, one, HERE) for one in asked])
    done = world.settlement(push_batch=count).drain()
    assert [one.step for one in done if one.did == "split"] == ["push:0"]
    assert [one.step for one in done if one.did == "paid"] == ["push:0.0", "push:0.1"]
    assert states(world) == ["paid"] * count
    assert {world.balance(address(n)) for n in range(1, count + 1)} == {3 * LIVE}
    sound(world)


def test_a_settlement_that_needs_too_much_gas_is_closed_anew_with_half_the_claims(world) -> None:
    """A chain whose cap is small: what draws from four pools is too much, from two it is not."""
    for pool in (2, 3, 4):
        world.write(lambda tx, pool=pool: add_pool(tx, pool, placement=pool))
        world.fund(pool, 9 * LIVE)
    world.follow()
    for number in (1, 2, 3, 4):
        file(world, number, placement=number)
    settlement = world.settlement()
    settlement._carrier._chain = Narrow(world.chain, 2)
    done = settlement.drain()
    assert [one.did for one in done].count("smaller") == 1
    assert states(world) == ["paid"] * 4
    assert [claims.get(world.rows, n).epoch for n in (1, 2, 3, 4)] == [1, 1, 2, 2]
    assert actions(world).count("epoch.abandoned") == 1
    sound(world)


class Narrow:
    """A chain that takes settlements of at most so many draws."""

    def __init__(self, chain, draws: int) -> None:
        self.chain, self.most = chain, 4 + 32 * 6 + 32 * draws

    def __getattr__(self, name: str):
        return getattr(self.chain, name)

    def estimate(self, intent: Intent) -> int:
        if len(intent.data) > self.most and intent.key.endswith("settle"):
            raise ChainError("chain.gas_cap", "more than a transaction may use")
        return self.chain.estimate(intent)
