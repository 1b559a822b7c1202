"""Random programs and payments give the same on the embedded chain, on a real node, and on py-evm as it comes."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from eth.constants import BLANK_ROOT_HASH, ZERO_HASH32
from eth.db.atomic import AtomicDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.prague import PragueVM
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.address import address_bytes, address_from_bytes, to_hex
from contracts.anvil import Anvil
from contracts.bindings import deploy_intent
from contracts.chain import ChainError, Intent
from contracts.deploy import created_address
from contracts.keys import derive_key
from contracts.local import LocalChain
from tests.contracts.programs import Programs, Traffic, deploying

KEYS = [derive_key(b"for tests only".ljust(32), name) for name in ("ann", "ben", "cem")]
RICH = 10**24
START = 1_800_000_000
# What anvil's genesis holds and ours does not: the contracts of EIP-2935 and of a known deployer.
SYSTEM = {"0x0000f90827f1c53a10cb7a02335b175320002935", "0x4e59b44847b379578588920ca78fbf26c0b4956c"}


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil(chain_id=1337, base_fee=0, final_after=0, automine=False) as running:
        for key in KEYS:
            running.fund(key.address, RICH)
        for address in SYSTEM:
            running.ask("anvil_setCode", address, "0x")
        yield running


def on_node(node: Anvil, raw: bytes) -> dict[str, Any] | None:
    """The receipt, or None where the node refuses the transaction."""
    try:
        tx_hash = node.ask("eth_sendRawTransaction", to_hex(raw))
    except ChainError:
        return None
    node.mine()
    receipt: dict[str, Any] | None = node.ask("eth_getTransactionReceipt", tx_hash)
    if receipt is None:
        node.ask("anvil_dropAllTransactions")
    return receipt


@pytest.mark.parametrize("seed", [1, 2])
def test_a_real_node_does_the_same_with_random_programs(node: Anvil, seed: int) -> None:
    traffic = Traffic(seed, KEYS, 1337)
    worked = failed = refused = 0
    with LocalChain(None, balances={key.address: RICH for key in KEYS}) as chain:
        for _ in range(200):
            raw = traffic.next({key.address: chain.nonce(key.address) for key in KEYS})
            theirs = on_node(node, raw)
            if theirs is None:
                refused += 1
                with pytest.raises(ChainError, match="bad_transaction"):
                    chain.broadcast([raw])
                continue
            ours = chain.receipt(chain.broadcast([raw])[0])
            assert ours is not None
            logs = [
                (log.address, [to_hex(topic) for topic in log.topics], to_hex(log.data)) for log in ours.logs
            ]
            assert (ours.gas_used, ours.status) == (int(theirs["gasUsed"], 16), int(theirs["status"], 16)), (
                raw.hex()
            )
            assert [log[1:] for log in logs] == [(log["topics"], log["data"]) for log in theirs["logs"]]
            block = node.ask("eth_getBlockByNumber", "latest", False)
            row = chain.store.block(ours.block)
            assert row is not None
            assert (
                block["transactionsRoot"],
                block["receiptsRoot"],
                block["logsBloom"],
            ) == (to_hex(row.transactions_root), to_hex(row.receipts_root), to_hex(row.bloom))
            if ours.contract_address is not None and ours.status:
                traffic.places.append(address_bytes(ours.contract_address))
            worked, failed = worked + ours.status, failed + 1 - ours.status
        chain.audit()
        same_state(chain, node)
    # Each way of ending has been met often.
    assert min(worked, failed, refused) > 15


def same_state(chain: LocalChain, node: Anvil) -> None:
    dumped = json.loads(gzip.decompress(bytes.fromhex(node.ask("anvil_dumpState")[2:])))["accounts"]
    for name in dumped.keys() - SYSTEM:
        account, at = dumped[name], address_from_bytes(bytes.fromhex(name[2:]))
        assert (chain.nonce(at), chain.balance(at), to_hex(chain.code(at))) == (
            int(account["nonce"]),
            int(account["balance"], 16),
            account["code"],
        )
        for slot, value in account["storage"].items():
            assert int.from_bytes(chain.storage(at, int(slot, 16)), "big") == int(value, 16)


class Plain:
    """py-evm's own state and executor, with nothing of ours."""

    def __init__(self) -> None:
        self.db = AtomicDB()
        state = self._state(0, BLANK_ROOT_HASH)
        for key in KEYS:
            state.set_balance(address_bytes(key.address), RICH)
        self.root = self._seal(state)

    def _state(self, number: int, root: bytes) -> Any:
        context = ExecutionContext(
            bytes(20), START, number, 0, ZERO_HASH32, 2**34, iter(()), 1337, 0, 0
        )  # fmt: skip
        return PragueVM.get_state_class()(self.db, context, root)

    @staticmethod
    def _seal(state: Any) -> bytes:
        root: bytes = state.make_state_root()
        state.persist()
        return root

    def block(self, number: int, raws: list[bytes]) -> list[tuple[bool, int, Any]]:
        """Whether each worked, its gas and its logs."""
        state = self._state(number, self.root)
        outcomes = []
        for raw in raws:
            transaction = PragueVM.get_transaction_builder().decode(raw)
            state.lock_changes()
            done = state.apply_transaction(transaction)
            used = transaction.gas - done.get_gas_remaining()
            used += done.data_floor_gas - min(done.get_gas_refund(), used // 5)
            outcomes.append((done.is_success, used, done.get_log_entries() if done.is_success else ()))
        self.root = self._seal(state)
        return outcomes


ACTS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(("transfer", "approve", "transferFrom", "coin", "program", "poke", "gap")),
            st.integers(0, 2),
            st.integers(0, 2),
            st.sampled_from((0, 1, 10**18, 10**27, 2**255)),
            st.integers(0, 2**32),
        ),
        max_size=4,
    ),
    max_size=5,
)


@pytest.mark.filterwarnings("ignore:SELFDESTRUCT")
@settings(max_examples=12, deadline=None)
@given(blocks=ACTS)
def test_py_evm_as_it_comes_gives_the_same_states_and_a_failed_batch_leaves_none(
    blocks: list[list[tuple[str, int, int, int, int]]],
) -> None:
    plain = Plain()
    with LocalChain(None, balances={key.address: RICH for key in KEYS}, clock=lambda: START) as chain:
        made = deploy_intent("live", KEYS[0].address, "LiveToken", KEYS[1].address, 10**27)
        raws = [chain.sign(made, 0, KEYS[0]).raw]
        receipt = chain.receipt(chain.broadcast(raws)[0])
        assert receipt is not None
        assert receipt.contract_address is not None
        poked = live = receipt.contract_address
        plain.block(1, raws)
        for acts in blocks:
            nonces = {key.address: chain.nonce(key.address) for key in KEYS}
            raws, broken = [], False
            for kind, who, whom, amount, seed in acts:
                key, other = KEYS[who], KEYS[whom].address
                intent = {
                    "coin": Intent("coin", key.address, other, value=amount % RICH // 8),
                    "program": Intent("program", key.address, None, program(seed), gas=2_000_000),
                    "poke": Intent("poke", key.address, poked, seed.to_bytes(5, "big"), gas=2_000_000),
                }.get(kind) or token(kind, key.address, other, live, amount)
                # A gap in the nonces makes the whole batch fail, after the transactions before it have run.
                broken = broken or kind == "gap"
                raws.append(chain.sign(intent, nonces[key.address] + (kind == "gap"), key).raw)
                nonces[key.address] += 1
            head = chain.head()
            state = chain.store.block(head.number)
            if broken:
                with pytest.raises(ChainError) as caught:
                    chain.broadcast(raws)
                assert caught.value.code == "chain.nonce"
                assert (chain.head(), chain.store.block(head.number)) == (head, state)
                continue
            if not raws:
                continue
            receipts = [chain.receipt(tx_hash) for tx_hash in chain.broadcast(raws)]
            expected = plain.block(chain.head().number, raws)
            for ours, (success, gas, logs) in zip(receipts, expected, strict=True):
                assert ours is not None
                assert (ours.status, ours.gas_used) == (int(success), gas)
                assert [(address_bytes(log.address), log.data) for log in ours.logs] == [
                    (address, data) for address, _, data in logs
                ]
                poked = ours.contract_address or poked
            row = chain.store.block(chain.head().number)
            assert row is not None
            assert row.root == plain.root


def program(seed: int) -> bytes:
    from random import Random

    return deploying(Programs(Random(seed), [address_bytes(key.address) for key in KEYS]).program())


def token(kind: str, sender: str, other: str, live: str, amount: int) -> Intent:
    from contracts.bindings import Contract

    arguments = (sender, other, amount) if kind == "transferFrom" else (other, amount)
    function = kind if kind in ("approve", "transferFrom") else "transfer"
    return Contract("LiveToken", live).intent(kind, sender, function, *arguments, gas=200_000)


def test_a_sender_that_runs_other_code_and_creates_pays_for_that_once(node: Anvil) -> None:
    key = KEYS[0]
    # CREATE of four bytes of nothing, which py-evm takes for the transaction's own deployment.
    code = deploying(b"\x60\x04\x5f\x5f\xf0\x00")
    with LocalChain(None, balances={key.address: RICH}) as chain:
        made = chain.sign(Intent("made", key.address, None, code, gas=10**6), 0, key).raw
        receipt = chain.receipt(chain.broadcast([made])[0])
        assert receipt is not None
        wish = Account.sign_authorization(
            {"chainId": 1337, "address": receipt.contract_address, "nonce": 2}, key.reveal()
        )
        fields = {
            "type": 4, "chainId": 1337, "nonce": 1, "gas": 10**6, "to": key.address, "value": 0, "data": b"",
            "maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "accessList": [], "authorizationList": [wish],
        }  # fmt: skip
        raw = bytes(Account.sign_transaction(fields, key.reveal()).raw_transaction)
        ours = chain.receipt(chain.broadcast([raw])[0])
        assert ours is not None
        theirs = [on_node(node, sent) for sent in (made, raw)][-1]
        assert theirs is not None
        assert (ours.status, ours.gas_used) == (1, int(theirs["gasUsed"], 16))


@pytest.mark.parametrize(
    "program",
    [
        deploying(bytes.fromhex("5f5f5f5f5f305af1")),  # calls itself with all gas there is
        bytes.fromhex("385f5f39385f5ff0"),  # deploys itself, again and again
    ],
)
def test_calls_go_as_deep_as_on_a_real_node_in_a_thread_too(node: Anvil, program: bytes) -> None:
    key = KEYS[0]
    with LocalChain(None, balances={key.address: RICH}) as chain:
        made = Intent("made", key.address, None, program)
        at = created_address(key.address, 0)
        raws = [chain.sign(made, 0, key).raw, chain.sign(Intent("run", key.address, at), 1, key).raw]
        hashes: list[str] = []
        worker = threading.Thread(target=lambda: hashes.extend(chain.broadcast(raws)))
        worker.start()
        worker.join()
        for tx_hash, raw in zip(hashes, raws, strict=True):
            ours, theirs = chain.receipt(tx_hash), on_node(node, raw)
            assert ours is not None
            assert theirs is not None
            assert (ours.status, ours.gas_used) == (1, int(theirs["gasUsed"], 16))
