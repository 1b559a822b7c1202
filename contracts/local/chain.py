"""`LocalChain`: a whole chain in one file, behind the `Chain` protocol."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from contracts.abi import decode_event, decode_revert
from contracts.address import ZERO_ADDRESS, address_bytes, address_from_bytes, hash_bytes, keccak256, to_hex
from contracts.chain import TX_GAS_CAP, Block, ChainEvent, Fees, Intent, Log, Receipt, SignedTx
from contracts.errors import ChainError, ChainRevert
from contracts.local.block import build_block, build_genesis, check_body, check_header
from contracts.local.header import EMPTY_ROOT
from contracts.local.lock import WriterLock
from contracts.local.store import BlockRow, LogRow, Store, corrupt
from contracts.signer import Signer
from contracts.signing import sign_intent

if TYPE_CHECKING:
    from contracts.chain import Chain
    from contracts.local.evm import Machine, Outcome

DEFAULT_CHAIN_ID = 1337
FREE = Fees(fee=0, tip=0)
_MORE_GAS = 3 * TX_GAS_CAP  # what nodes run at most for a call


class LocalChain:
    """An embedded chain with Ethereum's Prague rules, where gas is free and every `broadcast` is one block,
    final at once.

    `path` None keeps it in memory. One process writes; others open `read_only` while it runs. `clock` gives
    seconds UTC; a block's time is never before the one of its parent. Safe to use from several threads.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        read_only: bool = False,
        chain_id: int = DEFAULT_CHAIN_ID,
        clock: Callable[[], float] = time.time,
        balances: Mapping[str, int] | None = None,
    ) -> None:
        """Opens the chain, or begins it with a block 0 that gives out `balances` of the native coin (wei by
        address) and holds nothing else.

        Raises ChainError `chain.locked`, `chain.missing`, `chain.corrupt`, `chain.version`,
        `chain.unreadable`, `chain.disk_full`, `chain.wrong_chain`.
        """
        self._clock = clock
        self._ahead = 0
        self._mutex = threading.RLock()
        self._read_only = read_only
        self._lock = WriterLock(path) if path is not None and not read_only else None
        try:
            self._store = Store(path, read_only=read_only)
            try:
                self._chain_id = (
                    self._begin(chain_id, balances or {})
                    if self._store.head() is None
                    else self._resume(chain_id)
                )
            except BaseException:
                self._store.close()
                raise
        except BaseException:
            self._unlock()
            raise

    def _begin(self, chain_id: int, balances: Mapping[str, int]) -> int:
        if self._read_only:
            raise ChainError(
                "chain.missing", "the chain has no block yet: start the mall once", path=self._store.path
            )
        given = {address_bytes(address): amount for address, amount in balances.items()}
        built = build_genesis(self._store, int(self._clock()), chain_id, given)
        self._store.seal(built.block, built.nodes, (), (), {"chain_id": chain_id})
        return chain_id

    def _resume(self, chain_id: int) -> int:
        stored = self._store.meta("chain_id")
        if stored != chain_id:
            raise ChainError(
                "chain.wrong_chain", f"this is chain {stored}, not {chain_id}", path=self._store.path
            )
        head = self._head()
        check_header(self._store, head)
        if head.root != EMPTY_ROOT and self._store.node(head.root) is None:
            raise corrupt(self._store.path, f"block {head.number} has lost its state")
        return chain_id

    def __enter__(self) -> LocalChain:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file and lets the next writer in."""
        with self._mutex:
            self._store.close()
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    # ---- reading

    @property
    def chain_id(self) -> int:
        """EIP-155 id."""
        return self._chain_id

    def head(self) -> Block:
        """The newest block."""
        with self._mutex:
            return _block(self._head())

    def finalized(self) -> Block:
        """The newest block: each is final at once."""
        return self.head()

    def block(self, number: int) -> Block | None:
        """A block by number, or None."""
        with self._mutex:
            row = self._store.block(number)
            return _block(row) if row is not None else None

    def balance(self, address: str, block: int | None = None) -> int:
        """Native coin of an address, in wei."""
        with self._mutex:
            return self._machine(block).balance(address_bytes(address))

    def nonce(self, address: str, block: int | None = None) -> int:
        """Nonce of the next transaction of an address."""
        with self._mutex:
            return self._machine(block).nonce(address_bytes(address))

    def pending(self, address: str) -> int:
        """The same as `nonce`: nothing waits here."""
        return self.nonce(address)

    def code(self, address: str, block: int | None = None) -> bytes:
        """Code at an address; empty where none is."""
        with self._mutex:
            return self._machine(block).code(address_bytes(address))

    def storage(self, address: str, slot: int, block: int | None = None) -> bytes:
        """A storage word of a contract, 32 bytes."""
        with self._mutex:
            return self._machine(block).storage(address_bytes(address), slot).to_bytes(32, "big")

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps other threads off the chain, for several reads that have to fit together."""
        with self._mutex:
            yield

    def call(
        self,
        to: str,
        data: bytes,
        sender: str | None = None,
        block: int | None = None,
        gas: int | None = None,
    ) -> bytes:
        """Runs a call without a transaction, with at most `gas`. Raises ChainRevert with the decoded custom error, with
        `Unknown` where its gas ran out."""
        limit = TX_GAS_CAP if gas is None else gas
        outcome = self.simulate(to, data, sender=sender, block=block, gas=limit)
        if not outcome.success:
            raise self.refusal(outcome.output)
        return outcome.output

    @staticmethod
    def refusal(output: bytes) -> ChainRevert:
        """The error for what a refused call answered."""
        return decode_revert(output)

    def simulate(
        self,
        to: str | None,
        data: bytes,
        *,
        sender: str | None = None,
        value: int = 0,
        gas: int = TX_GAS_CAP,
        block: int | None = None,
    ) -> Outcome:
        """What a transaction would do and cost, refusals included."""
        with self._mutex:
            target = address_bytes(to) if to is not None else None
            return self._machine(block).simulate(
                address_bytes(sender or ZERO_ADDRESS), target, data, value, gas
            )

    def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt of a mined transaction, or None."""
        with self._mutex:
            row = self._store.transaction(hash_bytes(tx_hash))
            if row is None:
                return None
            logs = self._store.logs(row.block, row.block, tx_hash=row.hash)
            return Receipt(
                tx_hash=to_hex(row.hash),
                block=row.block,
                status=row.status,
                gas_used=row.gas_used,
                logs=tuple(_log(log) for log in logs),
                contract_address=address_from_bytes(row.created) if row.created is not None else None,
                finalized=True,
                block_hash=to_hex(self._store.sealed(row.block).hash),
            )

    def events(self, from_block: int, to_block: int, addresses: Sequence[str]) -> list[ChainEvent]:
        """Events of the contracts at `addresses`, both blocks included, in chain order."""
        with self._mutex:
            if to_block > self._head().number:
                raise ChainError("chain.no_block", f"there is no block {to_block} yet", block=to_block)
            rows = self._store.logs(from_block, to_block, [address_bytes(address) for address in addresses])
            events = [decode_event(_log(row)) for row in rows]
        return [event for event in events if event is not None]

    @property
    def store(self) -> Store:
        """The rows beneath, for the JSON-RPC provider."""
        return self._store

    # ---- writing

    def price(self) -> Fees:
        """Nothing: gas is free here."""
        return FREE

    def reprice(self, offered: Fees) -> Fees | None:
        """None: nothing waits here."""
        return None

    def estimate(self, intent: Intent) -> int:
        """The largest limit, for gas costs nothing here. Raises ChainRevert when the call would be refused now,
        ChainError `chain.gas_cap` when it needs more gas than a transaction may use."""
        outcome = self._tried(intent, TX_GAS_CAP)
        if outcome.success:
            return TX_GAS_CAP
        # Gas that runs out inside a call of a contract's own looks like a refusal without a reason.
        if outcome.out_of_gas or (not outcome.output and self._tried(intent, _MORE_GAS).success):
            raise ChainError(
                "chain.gas_cap", f"{intent.key} needs more than {TX_GAS_CAP} gas: split it", intent=intent.key
            )
        raise self.refusal(outcome.output)

    def _tried(self, intent: Intent, gas: int) -> Outcome:
        return self.simulate(intent.to, intent.data, sender=intent.sender, value=intent.value, gas=gas)

    def sign(self, intent: Intent, nonce: int, key: Signer, fees: Fees | None = None) -> SignedTx:
        """Signs without sending: the same arguments give the same bytes. A limit of None is the largest allowed."""
        gas = TX_GAS_CAP if intent.gas is None else intent.gas
        offer = fees or FREE
        return sign_intent(intent, nonce, key, chain_id=self._chain_id, gas=gas, fee=offer.fee, tip=offer.tip)

    def alarms(self) -> tuple[ChainError, ...]:
        """None: a file that fails raises at once."""
        return ()

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        """Mines the transactions that are not mined yet as one block, all or none, durable when this returns.

        Raises ChainError `chain.nonce`, `chain.bad_transaction`, `chain.gas_cap`, `chain.wrong_chain`,
        `chain.block_full`, `chain.read_only`, `chain.disk_full`, `chain.corrupt`; the chain is then as
        before.
        """
        with self._mutex:
            hashes = {keccak256(raw): raw for raw in raws}
            waiting = {key: raw for key, raw in hashes.items() if self._store.transaction(key) is None}
            if waiting:
                self._mine(waiting)
            return [to_hex(keccak256(raw)) for raw in raws]

    def mine(self) -> Block:
        """Seals an empty block, which puts the present time on the chain."""
        with self._mutex:
            self._mine({})
            return _block(self._head())

    def audit(self, from_block: int = 0) -> None:
        """Checks each block from `from_block` on against its header, and the headers against each other.

        Raises ChainError `chain.corrupt`, naming the block.
        """
        with self._mutex:
            for number in range(from_block, self._head().number + 1):
                row = self._store.sealed(number)
                check_header(self._store, row)
                check_body(self._store, row)

    def increase_time(self, seconds: int) -> None:
        """Sets the chain's clock ahead, so that a test need not wait for a date."""
        with self._mutex:
            self._ahead += seconds

    def _mine(self, waiting: dict[bytes, bytes]) -> None:
        if self._read_only:
            raise ChainError("chain.read_only", "this chain was opened for reading", path=self._store.path)
        parent = self._head()
        built = build_block(self._store, parent, waiting, self._now(parent), self._chain_id)
        self._store.seal(built.block, built.nodes, built.transactions, built.logs)

    # ---- inside

    def _head(self) -> BlockRow:
        head = self._store.head()
        if head is None:
            raise corrupt(self._store.path, "it has no block")
        return head

    def _now(self, head: BlockRow) -> int:
        return max(int(self._clock()) + self._ahead, head.timestamp)

    def _machine(self, block: int | None) -> Machine:
        """The state after `block` at its own time, or after the newest one at the present time."""
        from contracts.local.evm import Machine

        if block is None:
            row = self._head()
            number, timestamp = row.number + 1, self._now(row)
        else:
            found = self._store.block(block)
            if found is None:
                raise ChainError("chain.no_block", f"there is no block {block}", block=block)
            row, number, timestamp = found, found.number, found.timestamp
        return Machine(self._store, row.root, number=number, timestamp=timestamp, chain_id=self._chain_id)


if TYPE_CHECKING:
    # mypy proves here that the embedded chain is a Chain.
    _CONFORMS: type[Chain] = LocalChain


def _block(row: BlockRow) -> Block:
    return Block(number=row.number, hash=to_hex(row.hash), timestamp=row.timestamp)


def _log(row: LogRow) -> Log:
    return Log(
        address=address_from_bytes(row.address),
        topics=row.topics,
        data=row.data,
        block=row.block,
        tx_hash=to_hex(row.tx_hash),
        log_index=row.log_index,
        block_hash=to_hex(row.block_hash),
    )
