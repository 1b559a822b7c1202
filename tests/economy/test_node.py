"""Settlement on a real node that lies, loses, repeats, reorganises and runs out of gas: each reward is paid once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.anvil import Anvil
from contracts.deploy import Deployment
from host.economy import claims, outbox
from host.economy.settlement import Settlement
from tests.conformance import proxy as faults
from tests.conformance.proxy import Fault
from tests.economy.conftest import HERE, LIVE, address, request
from tests.economy.node_world import FINAL_AFTER, NodeWorld, node_world, started_node, wallet
from tests.economy.world import World

PAID = {wallet(1): 3 * LIVE, wallet(2): 3 * LIVE}
SEND, RECEIPTS, NONCES = (
    ["eth_sendRawTransaction"],
    ["eth_getTransactionReceipt"],
    ["eth_getTransactionCount"],
)
READS = ["eth_call", "eth_getLogs", "eth_getBlockByNumber", *RECEIPTS, *NONCES]


@pytest.fixture(scope="module")
def node() -> Iterator[tuple[Anvil, Deployment]]:
    with started_node() as started:
        yield started


@pytest.fixture
def world(node: tuple[Anvil, Deployment], tmp_path: Path) -> Iterator[NodeWorld]:
    with node_world(*node, tmp_path) as made:
        yield made


def file(world: NodeWorld, number: int) -> None:
    asked = request(number, player=number, address=address(number))
    world.write(lambda tx: claims.file(tx, asked, HERE))


@pytest.fixture
def settlement(world: NodeWorld) -> Settlement:
    for number in (1, 2):
        file(world, number)
    return world.settlement()


def until(settlement: Settlement, did: str) -> None:
    for _ in range(20):
        if settlement.advance().did == did:
            return
    raise AssertionError(f"never {did}")


def test_an_epoch_is_booked_when_it_is_final(world, settlement) -> None:
    until(settlement, "sent")
    world.node.mine()
    assert settlement.drain()[-1].code == "settlement.not_final"
    assert outbox.open_step(world.rows).state == "mined"
    assert {c.state for c in claims.list_claims(world.rows)} == {"settling"}
    assert world.settle(settlement).did == "idle"
    world.check_paid(PAID)


@pytest.mark.parametrize("step", ["settle", "push:0"])
@pytest.mark.parametrize("depth", [1, 2])
def test_a_reorganisation_under_a_step_is_undone_and_it_is_sent_again(
    world, settlement, step: str, depth: int
) -> None:
    while (open_step := outbox.open_step(world.rows)) is None or open_step.step != step:
        settlement.advance()
        world.node.mine(int(step != "settle"))
    until(settlement, "sent")
    world.node.mine(depth)
    assert settlement.advance().code == "settlement.not_final"
    sent = outbox.open_step(world.rows)
    assert (sent.step, sent.state) == (step, "mined")
    world.node.reorganise(depth)
    world.node.ask("anvil_dropAllTransactions")
    settlement.advance()
    again = outbox.open_step(world.rows)
    assert (again.state, again.nonce, again.block) == ("signed", sent.nonce, 0)
    assert sent.raw in {version.raw for version in outbox.variants(world.rows, again)}
    assert world.actions().count("settlement.undone") == 1
    assert world.settle(settlement).did == "idle"
    world.check_paid(PAID)


@pytest.mark.parametrize(
    ("fault", "methods"),
    [
        (faults.drop, SEND), (faults.lose_answer, SEND), (faults.twice, SEND), (faults.error(-32000, "busy"), SEND),
        (faults.drop, None), (faults.lose_answer, None), (faults.twice, None), (faults.stale, None),
        (faults.other_id, None), (faults.status(503), None), (faults.body(b"<html>"), None),
        (faults.result(None), RECEIPTS),
        (faults.result([]), ["eth_getLogs"]), (faults.stale, RECEIPTS), (faults.stale, NONCES), (faults.stale, READS),
        (faults.result("0x0"), NONCES), (faults.result("0x9"), NONCES), (faults.result("0xffff"), NONCES),
    ],
)  # fmt: skip
def test_answers_that_are_lost_repeated_stale_or_false_change_nothing_in_the_end(
    world, settlement, fault: Fault, methods: list[str] | None
) -> None:
    """The fault shows at every third round; an operator takes up what it left stuck."""
    for number in range(18):
        if number % 3 == 0:
            world.proxy.inject(fault, methods=methods, times=2)
        world.settle(settlement, rounds=1)
        world.node.mine()
    world.proxy.heal()
    for _ in range(3):
        if world.settle(settlement).did == "idle":
            break
        if getattr(outbox.open_step(world.rows), "code", ""):
            settlement.retry("ada", "The node is healed.")
    world.check_paid(PAID)


def test_a_nonce_that_a_node_made_up_is_found_and_signed_anew(world, settlement) -> None:
    assert settlement.advance().did == "closed"
    true = world.direct.nonce(outbox_sender(settlement))
    world.proxy.inject(faults.result(hex(true + 7)), methods=NONCES)
    assert settlement.advance().did == "signed"
    world.proxy.heal()
    stuck = settlement.advance()
    assert (stuck.did, stuck.code) == ("stuck", "settlement.nonce_gap")
    settlement.retry("ada", "The node lied.")
    assert world.settle(settlement).did == "idle"
    world.check_paid(PAID)


def test_a_node_that_calls_a_nonce_taken_gets_no_second_payment(world, settlement) -> None:
    until(settlement, "signed")
    step = outbox.open_step(world.rows)
    world.proxy.inject(faults.result(hex(step.nonce + 1)), methods=NONCES)
    assert settlement.advance().code == "settlement.nonce_taken"
    settlement.retry("ada", "It looks taken.")
    world.proxy.heal()
    base = int(world.node.ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
    world.node.raise_base_fee(base * 3 // 2)
    world.node.mine()
    until(settlement, "signed")
    assert outbox.open_step(world.rows).tx_hash != step.tx_hash
    world.direct.broadcast([step.raw])  # the bytes that were given up are mined after all
    stuck = world.settle(settlement)
    assert (stuck.step, stuck.code) == (
        "push:0",
        "settlement.nonce_gap",
    )  # the nonce of the other version is unused
    settlement.retry("ada", "The other version was never mined.")
    assert world.settle(settlement).did == "idle"
    assert outbox.get(world.rows, step.id).tx_hash == step.tx_hash
    world.check_paid(PAID)


def outbox_sender(settlement: Settlement) -> str:
    return settlement._carrier.address


def test_a_risen_fee_is_met_under_the_same_nonce_and_the_version_that_was_mined_counts(
    world, settlement
) -> None:
    until(settlement, "sent")
    first = outbox.open_step(world.rows)
    world.node.raise_base_fee(5 * 10**9)
    world.node.mine()
    until(settlement, "repriced")
    second = outbox.open_step(world.rows)
    assert (second.nonce, second.data) == (first.nonce, first.data)
    assert second.tx_hash != first.tx_hash
    assert [v.tx_hash for v in outbox.variants(world.rows, second)] == [second.tx_hash, first.tx_hash]
    assert world.settle(settlement).did == "idle"
    assert outbox.get(world.rows, second.id).tx_hash == second.tx_hash
    world.check_paid(PAID)


def test_a_batch_that_runs_out_of_gas_on_the_way_pays_nobody_and_is_made_again(world, settlement) -> None:
    while settlement.advance().did != "settled":
        world.node.mine()
    world.proxy.inject(faults.result(hex(60_000)), methods=["eth_estimateGas"])
    world.settle(settlement)
    step = outbox.open_step(world.rows)
    assert (step.step, step.state) == ("push:0", "reverted")
    world.proxy.heal()
    assert world.balance(wallet(1)) == 0
    settlement.retry("ada", "The node estimates rightly again.")
    assert world.settle(settlement).did == "idle"
    world.check_paid(PAID)


def test_money_in_a_block_that_may_be_undone_is_no_money_yet(world) -> None:
    World.fund(world, 1, 50 * LIVE)
    world.follow()
    assert claims.left(world.rows, 1) == 100 * LIVE
    world.node.reorganise(1)
    world.node.ask("anvil_dropAllTransactions")
    world.node.mine(FINAL_AFTER + 1)
    world.follow()
    assert claims.left(world.rows, 1) == 100 * LIVE
    World.fund(world, 1, 5 * LIVE)
    world.node.mine(FINAL_AFTER)
    world.follow()
    assert claims.left(world.rows, 1) == 105 * LIVE
    assert world.settlement().check(full=True).differences == ()


def test_final_blocks_that_change_stop_everything(world, settlement) -> None:
    assert world.settle(settlement).did == "idle"
    world.node.mine(FINAL_AFTER)
    world.follow()
    world.node.reorganise(FINAL_AFTER + 3)
    world.node.mine()
    file(world, 3)
    again = world.settlement()
    for _ in range(2):
        with pytest.raises(Exception, match=r"chain\.(rewound|finality_broken)"):
            again.drain()
    assert claims.get(world.rows, 3).state == "booked"
