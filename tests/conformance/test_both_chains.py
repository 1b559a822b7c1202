"""The embedded chain and a real node are one chain to those who use them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.bindings import pack, pool_id
from contracts.chain import TX_GAS_CAP, Fees, Intent
from contracts.deploy import created_address, verify
from contracts.errors import ChainError, ChainRevert
from contracts.merkle import CumulativeTree
from contracts.signing import read_signed, sign_intent
from tests.conformance.conftest import ANN, BOB, OPERATOR, SUPPLY, World

GAS_OF_THE_DEEPEST_CALL = 79_312


def test_a_deployment_is_found_and_verified(world: World) -> None:
    assert world.deployed.live.address == created_address(OPERATOR.address, 0)
    verify(world.chain, world.deployed)
    assert world.chain.code(world.deployed.live.address, block=0) == b""
    assert world.chain.code(ANN.address) == b""
    assert world.balance(OPERATOR) == SUPPLY


def test_signing_sends_nothing_and_the_hash_is_known_before(world: World) -> None:
    before = world.chain.head()
    signed = world.chain.sign(world.pay(5), 7, OPERATOR)
    unsigned, sender = read_signed(signed.raw)
    assert (sender, unsigned.nonce, unsigned.chain_id) == (OPERATOR.address, 7, world.chain.chain_id)
    assert world.chain.receipt(signed.tx_hash) is None
    assert world.chain.head() == before


def test_sending_the_same_bytes_again_pays_once(world: World) -> None:
    signed = world.chain.sign(world.pay(5), world.chain.nonce(OPERATOR.address), OPERATOR)
    assert world.chain.broadcast([signed.raw]) == [signed.tx_hash]
    receipt = world.chain.receipt(signed.tx_hash)
    assert world.chain.broadcast([signed.raw, signed.raw]) == [signed.tx_hash] * 2
    assert world.chain.receipt(signed.tx_hash) == receipt
    assert world.balance(ANN) == 5


def test_a_receipt_tells_block_gas_and_logs(world: World) -> None:
    receipt = world.use(world.deployed.live, "transfer", ANN.address, 5)
    block = world.chain.block(receipt.block)
    assert block is not None
    assert (receipt.block_hash, receipt.finalized, receipt.contract_address) == (block.hash, True, None)
    (log,) = receipt.logs
    assert (log.address, log.block, log.block_hash, log.tx_hash) == (
        world.deployed.live.address, receipt.block, block.hash, receipt.tx_hash,
    )  # fmt: skip
    assert log.data == (5).to_bytes(32, "big")
    assert log.topics[2][12:].hex() == ANN.address[2:].lower()


def test_a_refused_transaction_is_mined_without_effect_and_its_reason_can_be_asked(world: World) -> None:
    intent = world.pay(1, to=BOB, key=ANN, gas=100_000)
    (receipt,) = world.send(intent, key=ANN)
    assert (receipt.status, receipt.logs) == (0, ())
    assert world.chain.nonce(ANN.address) == 1
    assert intent.to is not None
    with pytest.raises(ChainRevert) as caught:
        world.chain.call(intent.to, intent.data, sender=ANN.address, block=receipt.block - 1)
    assert caught.value.error == "ERC20InsufficientBalance"
    assert caught.value.values == {"sender": ANN.address, "balance": 0, "needed": 1}
    with pytest.raises(ChainRevert) as caught:
        world.chain.estimate(intent)
    assert caught.value.error == "ERC20InsufficientBalance"


def test_a_transaction_that_runs_out_of_gas_changes_nothing_but_the_nonce(world: World) -> None:
    (receipt,) = world.send(world.pay(5, gas=30_000))
    assert (receipt.status, receipt.gas_used, receipt.logs) == (0, 30_000, ())
    assert world.balance(ANN) == 0


def test_events_come_in_order_with_the_hash_of_their_block(world: World) -> None:
    first = world.send(world.pay(1), world.pay(2), world.pay(3))[0].block
    world.pass_time(60)
    last = world.use(world.deployed.live, "transfer", BOB.address, 4).block
    events = world.chain.events(first, last, world.deployed.addresses)
    assert [event.args["value"] for event in events] == [1, 2, 3, 4]
    assert [(event.block, event.log_index) for event in events] == [
        (first, 0), (first, 1), (first, 2), (last, 0),
    ]  # fmt: skip
    hashes = {number: world.chain.block(number).hash for number in (first, last)}  # type: ignore[union-attr]
    assert all(event.block_hash == hashes[event.block] for event in events)
    assert world.chain.events(first, last, [world.deployed.tierra.address]) == []
    assert world.chain.events(first + 1, last, world.deployed.addresses) == events[3:]
    assert world.chain.events(first, last, []) == []
    assert world.chain.events(last, first, world.deployed.addresses) == []


def test_every_read_can_be_of_the_past(world: World) -> None:
    first = world.use(world.deployed.live, "transfer", ANN.address, 5).block
    second = world.use(world.deployed.live, "transfer", ANN.address, 6).block
    assert [world.balance(ANN, block) for block in (first - 1, first, second, None)] == [0, 5, 11, 11]
    nonces = [world.chain.nonce(OPERATOR.address, block) for block in (first - 1, first, second, None)]
    assert nonces == [nonces[0], nonces[0] + 1, nonces[0] + 2, nonces[0] + 2]
    assert world.chain.balance(BOB.address, first) == world.chain.balance(BOB.address)


def test_blocks_have_numbers_hashes_and_growing_times(world: World) -> None:
    before = world.chain.head()
    world.pass_time(1000)
    after = world.chain.head()
    assert after.number == before.number + 1
    assert after.timestamp >= before.timestamp + 1000
    assert world.chain.block(before.number) == before
    assert world.chain.finalized() == after
    assert world.chain.block(after.number + 1) is None


@pytest.mark.parametrize("ask", ["nonce", "balance", "code", "call", "events"])
def test_what_is_not_there_yet_is_refused_not_guessed(world: World, ask: str) -> None:
    number, live = world.chain.head().number + 1, world.deployed.live
    questions: dict[str, Callable[[], object]] = {
        "call": lambda: live.call(world.chain, "totalSupply", block=number),
        "events": lambda: world.chain.events(0, number, [live.address]),
    }
    with pytest.raises(ChainError) as caught:
        questions.get(ask, lambda: getattr(world.chain, ask)(live.address, number))()
    assert caught.value.code == "chain.no_block"


def test_nonces_are_counted_and_neither_skipped_nor_used_twice(world: World) -> None:
    nonce = world.chain.nonce(ANN.address)
    assert world.chain.pending(ANN.address) == nonce == 0
    for wrong in (1, 5):
        signed = world.chain.sign(world.pay(0, key=ANN, gas=60_000), wrong, ANN)
        with pytest.raises(ChainError) as caught:
            world.chain.broadcast([signed.raw])
        assert caught.value.code == "chain.nonce"
        assert (caught.value.facts["expected"], caught.value.facts["given"]) == (0, wrong)
    world.send(world.pay(0, key=ANN), world.pay(0, to=BOB, key=ANN), key=ANN)
    assert world.chain.nonce(ANN.address) == world.chain.pending(ANN.address) == 2
    other = world.chain.sign(world.pay(0, to=OPERATOR, key=ANN), 1, ANN)
    with pytest.raises(ChainError) as caught:
        world.chain.broadcast([other.raw])
    assert caught.value.code == "chain.nonce"
    assert world.chain.nonce(ANN.address) == 2


def test_no_transaction_passes_the_gas_cap(world: World) -> None:
    with pytest.raises(ChainError) as caught:
        world.chain.sign(world.pay(1, gas=TX_GAS_CAP + 1), 3, OPERATOR)
    assert caught.value.code == "chain.gas_cap"
    (receipt,) = world.send(world.pay(1, gas=TX_GAS_CAP))
    assert receipt.status == 1
    assert world.chain.estimate(world.pay(1)) <= TX_GAS_CAP


def installed(world: World, code: str) -> str:
    """The address of a contract with this code, of up to 255 bytes."""
    size = f"{len(code) // 2:02x}"
    init = bytes.fromhex(f"60{size}600c60003960{size}6000f3{code}")
    (receipt,) = world.send(Intent("deploy", ANN.address, None, init), key=ANN)
    assert receipt.contract_address is not None
    return receipt.contract_address


# MLOAD far away: memory of that size costs about 20 million gas at once (Yellow Paper, appendix H).
HUNGRY = "6230d4005100"


def calling(address: str) -> str:
    """Code that calls an address with all its gas and refuses without a reason when that fails."""
    return f"6000600060006000600073{address[2:]}5af160295760006000fd5b00"


def test_what_needs_more_than_the_cap_is_named_wherever_the_gas_runs_out(world: World) -> None:
    hungry = installed(world, HUNGRY)
    for target in (hungry, installed(world, calling(hungry))):
        with pytest.raises(ChainError) as caught:
            world.chain.estimate(Intent("feed", ANN.address, target))
        assert (caught.value.code, caught.value.facts["intent"]) == ("chain.gas_cap", "feed")


def test_a_refusal_without_a_reason_is_no_lack_of_gas(world: World) -> None:
    grumpy = installed(world, "60006000fd")
    for target in (grumpy, installed(world, calling(grumpy))):
        with pytest.raises(ChainRevert) as caught:
            world.chain.estimate(Intent("ask", ANN.address, target))
        assert (caught.value.error, caught.value.data) == ("Unknown", b"")


def test_a_call_gets_no_more_gas_than_it_is_given(world: World) -> None:
    # Memory of 45,000 words costs about 4 million gas; then it answers with a word.
    slow = installed(world, "6215f90051" + "60005260206000f3")
    for block in (None, world.chain.head().number):
        assert world.chain.call(slow, b"", block=block, gas=5_000_000) == bytes(32)
        with pytest.raises(ChainRevert) as caught:
            world.chain.call(slow, b"", block=block, gas=3_000_000)
        assert (caught.value.error, caught.value.data) == ("Unknown", b"")


def test_a_foreign_key_a_foreign_chain_and_nonsense_are_refused(world: World) -> None:
    with pytest.raises(ChainError) as caught:
        world.chain.sign(world.pay(1), 3, ANN)
    assert caught.value.code == "chain.wrong_key"
    foreign = sign_intent(world.pay(1), 3, OPERATOR, chain_id=999, gas=90_000, fee=10**9, tip=0)
    with pytest.raises(ChainError) as caught:
        world.chain.broadcast([foreign.raw])
    assert caught.value.code == "chain.wrong_chain"
    with pytest.raises(ChainError) as caught:
        world.chain.broadcast([b"\x02nonsense"])
    assert caught.value.code == "chain.bad_transaction"
    for wrong in ("0x12", "12", "0x" + "zz" * 32):
        with pytest.raises(ChainError) as caught:
            world.chain.receipt(wrong)
        assert caught.value.code == "chain.bad_hash"
    with pytest.raises(ChainError) as caught:
        world.chain.nonce("0x12")
    assert caught.value.code == "chain.bad_address"


def test_a_price_can_be_signed_and_a_chain_that_does_not_ask_for_more_says_so(world: World) -> None:
    price = world.chain.price()
    signed = world.chain.sign(world.pay(5), world.chain.nonce(OPERATOR.address), OPERATOR, price)
    unsigned, _ = read_signed(signed.raw)
    assert Fees(unsigned.fee, unsigned.tip) == price
    assert world.chain.reprice(price) is None
    world.chain.broadcast([signed.raw])
    assert world.balance(ANN) == 5


def test_a_contract_sees_the_deadline_of_the_chain_not_of_the_caller(world: World) -> None:
    """A rent ends by itself at a time of the chain."""
    end = world.chain.head().timestamp + 500
    tierra = world.deployed.tierra
    world.use(tierra, "setUser", 3, ANN.address, end)
    assert tierra.call(world.chain, "userOf", 3) == ANN.address
    world.pass_time(600)
    assert world.chain.head().timestamp > end
    assert int(tierra.call(world.chain, "userOf", 3), 16) == 0
    assert tierra.call(world.chain, "userOf", 3, block=world.chain.head().number - 1) == ANN.address


def test_an_epoch_is_settled_pushed_and_claimed(world: World) -> None:
    live, vault, distributor = world.deployed.live, world.deployed.vault, world.deployed.distributor
    world.use(live, "approve", vault.address, 10**24)
    world.use(vault, "fund", 1, 10**22)
    tree = CumulativeTree({ANN.address: 3 * 10**18, BOB.address: 2 * 10**18})
    drawn = [pack(pool_id(OPERATOR.address, 1), 5 * 10**18)]
    world.use(vault, "settle", 1, tree.root, b"\x01" * 32, drawn)
    many = tree.multiproof([ANN.address])
    world.use(distributor, "claimMany", many.entries, many.proof, many.flag_words)
    receipt = world.use(distributor, "claim", tree.entry(BOB.address), tree.proof(BOB.address))
    assert (world.balance(ANN), world.balance(BOB)) == (3 * 10**18, 2 * 10**18)
    paid = [event for event in world.chain.events(receipt.block, receipt.block, [live.address])]
    assert [(event.name, event.args["to"]) for event in paid] == [("Transfer", BOB.address)]
    with pytest.raises(ChainRevert):
        vault.call(world.chain, "settle", 1, tree.root, b"\x01" * 32, drawn, sender=OPERATOR.address)


def test_a_healthy_chain_raises_no_alarm(world: World) -> None:
    assert world.chain.alarms() == ()


def test_an_intent_without_a_receiver_deploys(world: World) -> None:
    nonce = world.chain.nonce(ANN.address)
    code = bytes.fromhex("600160005360016000f3")  # stores one byte, 01, as the code
    (receipt,) = world.send(Intent("deploy", ANN.address, None, code), key=ANN)
    assert receipt.contract_address == created_address(ANN.address, nonce)
    assert world.chain.code(receipt.contract_address) == b"\x01"


def test_a_contract_that_calls_itself_until_its_gas_is_gone_costs_what_a_node_says(world: World) -> None:
    """Some hundred calls deep: each keeps a 64th of the gas (EIP-150)."""
    calls_itself = bytes.fromhex("6000600060006000600030" + "5af100")
    code = b"\x6d" + calls_itself + bytes.fromhex("600052600e6012f3")
    (deployed,) = world.send(Intent("deploy", ANN.address, None, code), key=ANN)
    assert deployed.contract_address is not None
    (receipt,) = world.send(Intent("go", ANN.address, deployed.contract_address, gas=TX_GAS_CAP), key=ANN)
    assert (receipt.status, receipt.gas_used) == (1, GAS_OF_THE_DEEPEST_CALL)
