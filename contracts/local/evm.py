"""Runs transactions on py-evm's Prague rules. The only module that imports py-evm, which takes about a
second: import it late.

A state object lives for one block or one call and is then dropped. So a block that fails leaves nothing
behind, and any old block can be asked by its state root.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from eth_utils.exceptions import ValidationError
from trie.exceptions import MissingTrieNode

from contracts.address import address_from_bytes
from contracts.errors import ChainError
from contracts.local.decode import DYNAMIC_FEE, MAX_INITCODE, Transaction
from contracts.local.header import BASE_FEE, BLOCK_GAS_LIMIT, NO_ADDRESS
from contracts.local.store import Store, corrupt
from contracts.recursion import EVM_LIMIT, kept_recursion_limit

with kept_recursion_limit(EVM_LIMIT):
    from eth.constants import ZERO_HASH32
    from eth.db.atomic import AtomicDBWriteBatch
    from eth.db.backends.base import BaseAtomicDB
    from eth.exceptions import OutOfGas
    from eth.vm.execution_context import ExecutionContext
    from eth.vm.interrupt import EVMMissingData

    from contracts.local.executor import QuickState

# EIP-3529: at most a fifth of the gas comes back.
_REFUND_PART = 5

logging.getLogger("eth").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a transaction or call did. `output` is the answer, or the reason when it was refused; `out_of_gas`: the
    outermost call's own gas ran out."""

    success: bool
    gas_used: int
    output: bytes
    created: bytes | None
    logs: tuple[tuple[bytes, tuple[bytes, ...], bytes], ...]
    out_of_gas: bool


class NodeOverlay(BaseAtomicDB):  # type: ignore[misc]
    """Trie nodes of the store, with the new ones of this block on top in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fresh: dict[bytes, bytes] = {}

    def __getitem__(self, key: bytes) -> bytes:
        value = self.fresh.get(key) or self._store.node(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.fresh[key] = value

    def __delitem__(self, key: bytes) -> None:
        # Nodes of the store stay: old blocks need them.
        self.fresh.pop(key, None)

    def _exists(self, key: bytes) -> bool:
        return key in self.fresh or self._store.node(key) is not None

    @contextmanager
    def atomic_batch(self) -> Iterator[AtomicDBWriteBatch]:
        """A batch of writes, as py-evm wants it."""
        with AtomicDBWriteBatch._commit_unless_raises(self) as batch:
            yield batch


class Machine:
    """The state of one block, being read or built."""

    def __init__(self, store: Store, root: bytes, *, number: int, timestamp: int, chain_id: int) -> None:
        self._path = store.path
        self.nodes = NodeOverlay(store)
        context = ExecutionContext(
            coinbase=NO_ADDRESS,
            timestamp=timestamp,
            block_number=number,
            difficulty=0,
            mix_hash=ZERO_HASH32,
            gas_limit=BLOCK_GAS_LIMIT,
            prev_hashes=store.hashes_before(number),
            chain_id=chain_id,
            base_fee_per_gas=BASE_FEE,
            excess_blob_gas=0,
        )
        with self._node_errors():
            self._state = QuickState(self.nodes, context, root)

    @contextmanager
    def _node_errors(self) -> Iterator[None]:
        try:
            yield
        except (EVMMissingData, MissingTrieNode) as error:
            raise corrupt(self._path, "a piece of its state is missing") from error

    def balance(self, address: bytes) -> int:
        """Native coin in wei."""
        with self._node_errors():
            return int(self._state.get_balance(address))

    def nonce(self, address: bytes) -> int:
        """Nonce of the next transaction."""
        with self._node_errors():
            return int(self._state.get_nonce(address))

    def code(self, address: bytes) -> bytes:
        """Code of a contract."""
        with self._node_errors():
            return bytes(self._state.get_code(address))

    def storage(self, address: bytes, slot: int) -> int:
        """A storage word of a contract."""
        with self._node_errors():
            return int(self._state.get_storage(address, slot))

    def give(self, address: bytes, amount: int) -> None:
        """Sets the native coin of an address, in wei."""
        self._state.set_balance(address, amount)

    def apply(self, transaction: Transaction) -> Outcome:
        """Runs a signed transaction. Raises ChainError `chain.nonce`, `chain.bad_transaction`; a contract's
        refusal is an Outcome."""
        with self._node_errors():
            sender = transaction.sender
            expected = self._state.get_nonce(sender)
            if transaction.nonce != expected:
                raise ChainError(
                    "chain.nonce",
                    f"the sender's next nonce is {expected}, this transaction has {transaction.nonce}",
                    sender=address_from_bytes(sender),
                    expected=expected,
                    given=transaction.nonce,
                )
            if self._state.is_contract(sender):
                raise ChainError(
                    "chain.bad_transaction",
                    "the chain refuses this transaction: its sender is a contract (EIP-3607)",
                    sender=address_from_bytes(sender),
                )
            self._state.lock_changes()
            try:
                computation = self._state.apply_transaction(transaction)
            except ValidationError as error:
                raise ChainError(
                    "chain.bad_transaction", f"the chain refuses this transaction: {error}"
                ) from error
            return _outcome(transaction, computation)

    def simulate(self, sender: bytes, to: bytes | None, data: bytes, value: int, gas: int) -> Outcome:
        """Runs a call as `sender` without a signature. The machine is spent afterwards."""
        with self._node_errors():
            call = Transaction(
                type_id=DYNAMIC_FEE,
                nonce=self._state.get_nonce(sender),
                max_priority_fee_per_gas=0,
                max_fee_per_gas=0,
                gas=gas,
                to=to or b"",
                value=value,
                data=data,
                access_list=(),
                authorization_list=(),
                sender=sender,
            )
            if gas < call.intrinsic_gas + call.initcode_gas or (to is None and len(data) > MAX_INITCODE):
                raise ChainError(
                    "chain.bad_transaction", "the call has too little gas, or too much code", gas=gas
                )
            try:
                computation = self._state.apply_transaction(call)
            except ValidationError as error:
                raise ChainError("chain.bad_transaction", f"the chain refuses this call: {error}") from error
            return _outcome(call, computation)

    def seal(self) -> bytes:
        """Ends the block: the new state root, with all its nodes in `nodes.fresh`."""
        with self._node_errors():
            self._state.persist()
            return bytes(self._state.state_root)


def _outcome(transaction: Transaction, computation: Any) -> Outcome:
    used = transaction.gas - computation.get_gas_remaining()
    refund = min(computation.get_gas_refund(), used // _REFUND_PART)
    success = bool(computation.is_success)
    return Outcome(
        success=success,
        gas_used=used - refund + computation.data_floor_gas,
        output=bytes(computation.output),
        created=bytes(computation.msg.storage_address) if computation.msg.is_create else None,
        logs=tuple(
            (bytes(address), tuple(topic.to_bytes(32, "big") for topic in topics), bytes(data))
            for address, topics, data in (computation.get_log_entries() if success else ())
        ),
        out_of_gas=not success and isinstance(computation.error, OutOfGas),
    )
