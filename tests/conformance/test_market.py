"""Fees rise, blocks are undone, a transaction waits: what the sender of a real chain must live with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.anvil import Anvil
from contracts.bindings import Contract, pack, pool_id
from contracts.chain import TX_GAS_CAP, Fees, Intent, SignedTx
from contracts.deploy import created_address, deploy_intent
from contracts.errors import ChainError
from contracts.rpc import RpcChain
from contracts.rpc.batches import split_by_gas
from contracts.signing import read_signed
from tests.conformance.conftest import ANN, BOB, OPERATOR, SUPPLY, World, new_node

LIVE = Contract("LiveToken", created_address(OPERATOR.address, 0))
GWEI = 10**9


def pay(amount: int, key: str = "pay") -> Intent:
    return LIVE.intent(key, OPERATOR.address, "transfer", ANN.address, amount)


@pytest.fixture
def deployed(node: Anvil, chain: RpcChain) -> RpcChain:
    """LIVE is deployed with nonce 0, finally."""
    intent = deploy_intent("live", OPERATOR.address, "LiveToken", OPERATOR.address, SUPPLY)
    chain.broadcast([chain.sign(intent, 0, OPERATOR).raw])
    node.mine(4)
    return chain


def balance(chain: RpcChain) -> int:
    return int(LIVE.call(chain, "balanceOf", ANN.address))


def again(chain: RpcChain, signed: SignedTx, fees: Fees) -> SignedTx:
    """The same content under the same nonce for another price."""
    unsigned, _ = read_signed(signed.raw)
    intent = Intent("again", OPERATOR.address, unsigned.to, unsigned.data, unsigned.value, unsigned.gas)
    return chain.sign(intent, unsigned.nonce, OPERATOR, fees)


def test_a_waiting_transaction_is_replaced_when_fees_rise_and_one_of_both_is_mined(
    node: Anvil, deployed: RpcChain
) -> None:
    first = deployed.sign(pay(5), 1, OPERATOR)
    unsigned, _ = read_signed(first.raw)
    offered = Fees(unsigned.fee, unsigned.tip)
    deployed.broadcast([first.raw])
    assert deployed.reprice(offered) is None
    node.raise_base_fee(6 * GWEI)
    node.ask("anvil_mine", "0x0")
    node.mine()
    assert deployed.receipt(first.tx_hash) is None, "its price is below the base fee"
    wanted = deployed.reprice(offered)
    assert wanted is not None
    assert (wanted.fee * 10, wanted.tip * 10) >= (offered.fee * 11, offered.tip * 11)
    second = again(deployed, first, wanted)
    assert (second.nonce, second.sender) == (first.nonce, first.sender)
    assert replace(read_signed(second.raw)[0], fee=0, tip=0) == replace(unsigned, fee=0, tip=0)
    deployed.broadcast([second.raw])
    node.mine(3)
    assert deployed.receipt(first.tx_hash) is None
    receipt = deployed.receipt(second.tx_hash)
    assert receipt is not None
    assert (receipt.status, receipt.finalized, balance(deployed)) == (1, True, 5)
    with pytest.raises(ChainError) as caught:
        deployed.broadcast([first.raw])
    assert caught.value.code == "chain.nonce"
    assert balance(deployed) == 5


def test_a_replacement_that_offers_no_more_is_refused_by_name(deployed: RpcChain) -> None:
    first = deployed.sign(pay(5), 1, OPERATOR)
    deployed.broadcast([first.raw])
    unsigned, _ = read_signed(first.raw)
    little = again(deployed, first, Fees(unsigned.fee - 1, unsigned.tip))
    with pytest.raises(ChainError) as caught:
        deployed.broadcast([little.raw])
    assert caught.value.code == "chain.underpriced"


def test_no_more_than_the_cap_is_ever_offered(node: Anvil, deployed: RpcChain) -> None:
    with RpcChain([node.url], node.chain_id, max_fee=3 * GWEI) as capped:
        assert capped.price().fee <= 3 * GWEI
        with pytest.raises(ChainError) as caught:
            capped.sign(pay(1), 1, OPERATOR, Fees(3 * GWEI + 1, 1))
        assert caught.value.code == "chain.fee_cap"
        node.raise_base_fee(4 * GWEI)
        node.mine()
        for question in (capped.price, lambda: capped.reprice(Fees(GWEI, GWEI))):
            with pytest.raises(ChainError) as caught:
                question()
            assert caught.value.code == "chain.fee_cap"


def test_an_account_without_coins_is_told_so(node: Anvil, deployed: RpcChain) -> None:
    node.fund(BOB.address, 0)
    signed = deployed.sign(Intent("x", BOB.address, ANN.address, gas=21_000), 0, BOB)
    with pytest.raises(ChainError) as caught:
        deployed.broadcast([signed.raw])
    assert caught.value.code == "chain.no_funds"


def test_what_waits_is_counted_and_what_the_node_forgot_is_sent_again(
    node: Anvil, deployed: RpcChain
) -> None:
    raws = [deployed.sign(pay(1), nonce, OPERATOR).raw for nonce in (1, 2, 3)]
    hashes = deployed.broadcast(raws)
    assert (deployed.nonce(OPERATOR.address), deployed.pending(OPERATOR.address)) == (1, 4)
    node.ask("anvil_dropAllTransactions")
    assert deployed.pending(OPERATOR.address) == 1
    with pytest.raises(ChainError) as caught:
        deployed.broadcast(raws[1:])
    assert (caught.value.code, caught.value.facts["expected"]) == ("chain.nonce", 1)
    assert deployed.broadcast(raws) == hashes
    node.mine(3)
    assert [deployed.receipt(tx_hash).status for tx_hash in hashes] == [1, 1, 1]  # type: ignore[union-attr]
    assert balance(deployed) == 3


def test_bytes_that_wait_may_be_sent_again_and_again(node: Anvil, deployed: RpcChain) -> None:
    signed = deployed.sign(pay(5), 1, OPERATOR)
    for _ in range(3):
        assert deployed.broadcast([signed.raw]) == [signed.tx_hash]
        assert deployed.receipt(signed.tx_hash) is None
    node.mine(3)
    assert balance(deployed) == 5


def test_a_reorganisation_is_seen_and_the_same_bytes_pay_once_on_the_new_chain(
    node: Anvil, deployed: RpcChain
) -> None:
    signed = deployed.sign(pay(5), 1, OPERATOR)
    deployed.broadcast([signed.raw])
    node.mine()
    head, receipt = deployed.head(), deployed.receipt(signed.tx_hash)
    assert receipt is not None
    assert (receipt.finalized, receipt.block_hash) == (False, head.hash)
    (event,) = deployed.events(head.number, head.number, [LIVE.address])
    node.reorganise(1)
    changed = deployed.block(head.number)
    assert changed is not None
    assert changed.hash not in (event.block_hash, receipt.block_hash)
    assert deployed.events(head.number, head.number, [LIVE.address]) == []
    assert deployed.receipt(signed.tx_hash) is None
    assert (deployed.nonce(OPERATOR.address), balance(deployed)) == (1, 0)
    deployed.broadcast([signed.raw])
    node.mine(3)
    receipt = deployed.receipt(signed.tx_hash)
    assert receipt is not None
    assert (receipt.status, receipt.finalized) == (1, True)
    assert (deployed.nonce(OPERATOR.address), balance(deployed)) == (2, 5)


def test_a_final_block_that_changes_stops_everything_that_is_final(node: Anvil, deployed: RpcChain) -> None:
    final = deployed.finalized()
    state = node.ask("evm_snapshot")
    node.mine(3)
    assert deployed.finalized().number == final.number + 3
    node.ask("evm_revert", state)
    node.ask("evm_increaseTime", 5)
    node.mine(6)
    for _ in range(2):
        with pytest.raises(ChainError) as caught:
            deployed.finalized()
        assert caught.value.code == "chain.finality_broken"
    assert [alarm.code for alarm in deployed.alarms()] == ["chain.finality_broken"]


def test_a_push_that_is_too_large_for_one_transaction_is_split(world: World) -> None:
    live, vault = world.deployed.live, world.deployed.vault
    world.use(live, "approve", vault.address, 10**24)
    world.use(vault, "fund", 1, 10**22)
    people = [pack("0x" + f"{number:040x}", 10**18) for number in range(1000, 1700)]
    funder = pool_id(OPERATOR.address, 1)

    def intent(words: list[int], epoch: int) -> Intent:
        return vault.intent(f"push:{epoch}", OPERATOR.address, "pay", epoch, funder, b"\x01" * 32, words)

    with pytest.raises(ChainError) as caught:
        world.chain.estimate(intent(people, 1))
    assert caught.value.code == "chain.gas_cap"
    batches = split_by_gas(people, lambda words: world.chain.estimate(intent(list(words), 1)))
    assert len(batches) == 2
    assert [word for batch in batches for word in batch] == people
    used = [world.send(intent(batch, epoch))[0] for epoch, batch in enumerate(batches, 1)]
    assert all(receipt.status == 1 and receipt.gas_used <= TX_GAS_CAP for receipt in used)
    assert all(live.call(world.chain, "balanceOf", f"0x{n:040x}") == 10**18 for n in (1000, 1350, 1699))


def test_what_needs_more_than_a_transaction_may_use_is_named_before_it_is_signed() -> None:
    with new_node() as node, RpcChain([node.url], node.chain_id) as chain:
        endless = Intent("loop", OPERATOR.address, None, bytes.fromhex("5b600056"))
        with pytest.raises(ChainError) as caught:
            chain.sign(endless, 0, OPERATOR)
        assert caught.value.code == "chain.gas_cap"
