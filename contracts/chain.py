"""What the mall asks of a chain: the `Chain` protocol and the plain data that passes through it.

All methods are synchronous; the host calls them from its chain thread. Addresses are EIP-55 strings, hashes
0x-strings of 32 bytes, amounts int in wei, times int in seconds UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contracts.errors import ChainError, ChainRevert
from contracts.signer import Signer

__all__ = [
    "TX_GAS_CAP",
    "Block",
    "Chain",
    "ChainError",
    "ChainEvent",
    "ChainRevert",
    "Fees",
    "Intent",
    "Log",
    "Receipt",
    "SignedTx",
    "Signer",
]

# EIP-7825: no transaction may ask for more gas.
TX_GAS_CAP = 2**24


@dataclass(frozen=True, slots=True)
class Block:
    """A block's number, hash and time (seconds UTC)."""

    number: int
    hash: str
    timestamp: int


@dataclass(frozen=True, slots=True)
class Intent:
    """A transaction somebody wants. `key` names it uniquely in the sender's outbox; `to` None deploys `data`;
    `gas` None leaves the limit to the chain."""

    key: str
    sender: str
    to: str | None
    data: bytes = b""
    value: int = 0
    gas: int | None = None


@dataclass(frozen=True, slots=True)
class Fees:
    """The price of gas in wei, EIP-1559: at most `fee`, of which at most `tip` goes to the validator."""

    fee: int
    tip: int


@dataclass(frozen=True, slots=True)
class SignedTx:
    """The bytes to store before sending, and the hash they will have."""

    raw: bytes = field(repr=False)
    tx_hash: str
    sender: str
    nonce: int


@dataclass(frozen=True, slots=True)
class Log:
    """A raw log. `log_index` counts within the block."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block: int
    tx_hash: str
    log_index: int
    block_hash: str


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """A log decoded by the ABIs of our contracts."""

    address: str
    name: str
    args: Mapping[str, object]
    block: int
    tx_hash: str
    log_index: int
    block_hash: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of a mined transaction. `status` 1 worked, 0 was refused (and changed nothing but the
    nonce)."""

    tx_hash: str
    block: int
    status: int
    gas_used: int
    logs: tuple[Log, ...]
    contract_address: str | None
    finalized: bool
    block_hash: str


class Chain(Protocol):
    """A chain our contracts live on. A `block` argument of None means the newest state.

    Every method raises ChainError with a code `chain.*`. What is not final may be undone: a caller that keeps
    what it read of a block keeps the block's hash too, and compares it with `block(number)` later.
    """

    @property
    def chain_id(self) -> int:
        """EIP-155 id."""
        ...

    def head(self) -> Block:
        """The newest block."""
        ...

    def finalized(self) -> Block:
        """The newest block that cannot be undone."""
        ...

    def block(self, number: int) -> Block | None:
        """A block by number, or None above the head."""
        ...

    def balance(self, address: str, block: int | None = None) -> int:
        """Native coin of an address, in wei."""
        ...

    def nonce(self, address: str, block: int | None = None) -> int:
        """How many transactions of an address are mined, that is: the nonce of its next one."""
        ...

    def pending(self, address: str) -> int:
        """The nonce after the transactions of an address that are mined or wait without a gap. A chain forgets
        waiting ones as it likes, so this says what to send again, never what was paid."""
        ...

    def code(self, address: str, block: int | None = None) -> bytes:
        """Code at an address; empty where none is."""
        ...

    def price(self) -> Fees:
        """What a transaction should offer now. Raises ChainError `chain.fee_cap` when that is more than we may
        pay."""
        ...

    def reprice(self, offered: Fees) -> Fees | None:
        """What a waiting transaction must offer instead of `offered`, or None while that is still enough.

        Sign the same content under the same nonce with it (`contracts.signing.read_signed`), store it beside the
        first, send it, and ask for the receipts of both: either may be mined, never both. Raises ChainError
        `chain.fee_cap`.
        """
        ...

    def estimate(self, intent: Intent) -> int:
        """The gas limit that `sign` gives an intent without one. Raises ChainRevert when the call would be
        refused now, ChainError `chain.gas_cap` when it needs more than TX_GAS_CAP: split it."""
        ...

    def sign(self, intent: Intent, nonce: int, key: Signer, fees: Fees | None = None) -> SignedTx:
        """Signs without sending; `fees` None offers `price()`. Store the result before sending it: on a chain with
        a market the same arguments give other bytes later."""
        ...

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        """Sends signed transactions in order and gives their hashes. Sending bytes that wait or are mined
        already is no error. Raises ChainError `chain.nonce` when another transaction has the nonce or one before
        it is missing."""
        ...

    def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt, or None while the transaction is not mined."""
        ...

    def call(
        self,
        to: str,
        data: bytes,
        sender: str | None = None,
        block: int | None = None,
        gas: int | None = None,
    ) -> bytes:
        """Runs a call without a transaction, with at most `gas`, TX_GAS_CAP where that is None. Raises ChainRevert with
        the decoded custom error, with `Unknown` where its gas ran out."""
        ...

    def events(self, from_block: int, to_block: int, addresses: Sequence[str]) -> list[ChainEvent]:
        """Events of the contracts at `addresses`, both blocks included, in chain order. Logs that no ABI of
        ours describes are left out. Raises ChainError `chain.no_block` past the head."""
        ...

    def alarms(self) -> tuple[ChainError, ...]:
        """What an operator must know though the chain still answers: `chain.finality_stalled`,
        `chain.endpoint_dropped`, `chain.endpoint_down`. Empty when all is well."""
        ...
