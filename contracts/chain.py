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
    "Intent",
    "Log",
    "Receipt",
    "SignedTx",
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


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """A log decoded by the ABIs of our contracts."""

    address: str
    name: str
    args: Mapping[str, object]
    block: int
    tx_hash: str
    log_index: int


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


class Chain(Protocol):
    """A chain our contracts live on. A `block` argument of None means the newest state.

    Every method raises ChainError with a code `chain.*`.
    """

    @property
    def chain_id(self) -> int:
        """EIP-155 id."""
        ...

    def head(self) -> Block:
        """The newest block."""
        ...

    def balance(self, address: str, block: int | None = None) -> int:
        """Native coin of an address, in wei."""
        ...

    def nonce(self, address: str, block: int | None = None) -> int:
        """How many transactions of an address are mined, that is: the nonce of its next one."""
        ...

    def code(self, address: str, block: int | None = None) -> bytes:
        """Code at an address; empty where none is."""
        ...

    def sign(self, intent: Intent, nonce: int, key: Signer) -> SignedTx:
        """Signs without sending: the same arguments give the same bytes, so they can be stored first."""
        ...

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        """Sends signed transactions in order and gives their hashes. Sending bytes that are already mined is
        no error."""
        ...

    def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt, or None while the transaction is not mined."""
        ...

    def call(self, to: str, data: bytes, sender: str | None = None, block: int | None = None) -> bytes:
        """Runs a call without a transaction. Raises ChainRevert with the decoded custom error."""
        ...

    def events(self, from_block: int, to_block: int, addresses: Sequence[str]) -> list[ChainEvent]:
        """Events of the contracts at `addresses`, both blocks included, in chain order. Logs that no ABI of
        ours describes are left out."""
        ...
