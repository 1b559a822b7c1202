"""Reads what a node says: every field has its type, length and place, or the answer is `Malformed`. Formats:
Ethereum's execution API (github.com/ethereum/execution-apis)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import rlp

from contracts.address import address_from_bytes, keccak256, to_hex
from contracts.bloom import bloom_of
from contracts.chain import Block, Log
from contracts.rpc.faults import Malformed

MAX_BYTES: Final = 1 << 20
"""Longest data of one log or call."""
MAX_TRANSACTIONS: Final = 100_000
MAX_LOGS: Final = 50_000

INT_BITS: Final = 63
"""Numbers that a database keeps: blocks, times, nonces, gas."""

_QUANTITY = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,63})")
_DATA = re.compile(r"0x(?:[0-9a-f]{2})*")

# The fields of a header in the order in which they are hashed. Forks append the later ones, one after another
# (EIP-1559, 4895, 4844, 4788, 7685, 7928, 7843).
_HEADER: Final = (
    ("parentHash", 32), ("sha3Uncles", 32), ("miner", 20), ("stateRoot", 32), ("transactionsRoot", 32),
    ("receiptsRoot", 32), ("logsBloom", 256), ("difficulty", None), ("number", None), ("gasLimit", None),
    ("gasUsed", None), ("timestamp", None), ("extraData", -1), ("mixHash", 32), ("nonce", 8),
)  # fmt: skip
_LATER: Final = (
    ("baseFeePerGas", None), ("withdrawalsRoot", 32), ("blobGasUsed", None), ("excessBlobGas", None),
    ("parentBeaconBlockRoot", 32), ("requestsHash", 32), ("blockAccessListHash", 32), ("slotNumber", None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """A block whose hash is that of its fields. `base_fee` in wei."""

    block: Block
    parent: str
    base_fee: int
    bloom: bytes
    transactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawReceipt:
    """A receipt that agrees with itself; whether its block is on the chain is for the asker to see."""

    tx_hash: str
    block: int
    block_hash: str
    position: int
    status: int
    gas_used: int
    logs: tuple[Log, ...]
    contract_address: str | None


def quantity(value: object, what: str, bits: int = 256) -> int:
    """A number. Raises Malformed unless it is a shortest hex string of at most `bits`."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value.lower()):
        raise Malformed(f"{what} is no number")
    number = int(value, 16)
    if number.bit_length() > bits:
        raise Malformed(f"{what} has more than {bits} bits")
    return number


def data(value: object, what: str, size: int = -1) -> bytes:
    """Bytes, exactly `size` of them unless it is -1. Raises Malformed."""
    if (
        not isinstance(value, str)
        or len(value) > 2 * MAX_BYTES + 2
        or not _DATA.fullmatch(lower := value.lower())
    ):
        raise Malformed(f"{what} is no hexadecimal data of at most {MAX_BYTES} bytes")
    raw = bytes.fromhex(lower[2:])
    if size >= 0 and len(raw) != size:
        raise Malformed(f"{what} has {len(raw)} bytes, not {size}")
    return raw


def digest(value: object, what: str) -> str:
    """A hash of 32 bytes as a 0x-string. Raises Malformed."""
    return to_hex(data(value, what, 32))


def address(value: object, what: str) -> str:
    """An address in EIP-55 spelling. Raises Malformed."""
    return address_from_bytes(data(value, what, 20))


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{what} is no object")
    return value


def _items(value: object, what: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise Malformed(f"{what} is no list of at most {most}")
    return value


def header(value: object, number: int | None) -> Header:
    """The block that was asked for by `number` (None for a tag). Raises Malformed, also when the hash is not that
    of the fields."""
    found = _object(value, "the block")
    fields: list[Any] = [_field(found, name, size) for name, size in _HEADER]
    later = [name for name, _ in _LATER if found.get(name) is not None]
    if later != [name for name, _ in _LATER[: len(later)]]:
        raise Malformed("the block lacks a field of its header")
    fields += [_field(found, name, size) for name, size in _LATER[: len(later)]]
    hashed = digest(found.get("hash"), "the block's hash")
    if to_hex(keccak256(rlp.encode(fields))) != hashed:
        raise Malformed("the block's hash is not that of its header")
    if max(fields[8], fields[11]).bit_length() > INT_BITS:
        raise Malformed("the block's number or time is too large")
    if number is not None and fields[8] != number:
        raise Malformed(f"block {fields[8]} was given for block {number}")
    hashes = [
        digest(item, "a transaction's hash")
        for item in _items(found.get("transactions"), "transactions", MAX_TRANSACTIONS)
    ]
    if len(set(hashes)) != len(hashes):
        raise Malformed("the block names a transaction twice")
    return Header(
        block=Block(number=fields[8], hash=hashed, timestamp=fields[11]),
        parent=to_hex(fields[0]),
        base_fee=fields[len(_HEADER)] if later else 0,
        bloom=fields[6],
        transactions=tuple(hashes),
    )


def _field(found: dict[str, Any], name: str, size: int | None) -> int | bytes:
    return quantity(found.get(name), name) if size is None else data(found.get(name), name, size)


def receipt(value: object, tx_hash: str) -> RawReceipt:
    """The receipt of `tx_hash`. Raises Malformed, also when it is another transaction's or its logs are not its
    own."""
    found = _object(value, "the receipt")
    if digest(found.get("transactionHash"), "the receipt's transaction") != tx_hash:
        raise Malformed("the receipt is another transaction's")
    number = quantity(found.get("blockNumber"), "the receipt's block", INT_BITS)
    hashed = digest(found.get("blockHash"), "the receipt's block hash")
    position = quantity(found.get("transactionIndex"), "the receipt's index", 32)
    status = quantity(found.get("status"), "the receipt's status", 1)
    used = quantity(found.get("gasUsed"), "the gas used", INT_BITS)
    if used > quantity(found.get("cumulativeGasUsed"), "the gas used so far", INT_BITS):
        raise Malformed("the transaction used more gas than its block")
    logs = [log(item) for item in _items(found.get("logs"), "the receipt's logs", MAX_LOGS)]
    for index, one in enumerate(logs):
        if (one.block, one.block_hash, one.tx_hash) != (number, hashed, tx_hash):
            raise Malformed("a log of the receipt is from elsewhere")
        if one.log_index != logs[0].log_index + index:
            raise Malformed("the logs of the receipt are not in order")
    if logs and not status:
        raise Malformed("a transaction that was refused has logs")
    created = found.get("contractAddress")
    return RawReceipt(
        tx_hash=tx_hash,
        block=number,
        block_hash=hashed,
        position=position,
        status=status,
        gas_used=used,
        logs=tuple(logs),
        contract_address=None if created is None else address(created, "the contract's address"),
    )


def log(value: object) -> Log:
    """One log. Raises Malformed, also for one that a reorganisation removed."""
    found = _object(value, "a log")
    if found.get("removed", False) is not False:
        raise Malformed("a log was removed")
    return Log(
        address=address(found.get("address"), "a log's address"),
        topics=tuple(data(item, "a topic", 32) for item in _items(found.get("topics"), "topics", 4)),
        data=data(found.get("data"), "a log's data"),
        block=quantity(found.get("blockNumber"), "a log's block", INT_BITS),
        tx_hash=digest(found.get("transactionHash"), "a log's transaction"),
        log_index=quantity(found.get("logIndex"), "a log's index", 32),
        block_hash=digest(found.get("blockHash"), "a log's block hash"),
    )


def logs(value: object, first: int, last: int, addresses: Collection[str]) -> list[Log]:
    """The logs of the asked blocks and addresses in chain order, each once. Raises Malformed when one is outside,
    or when two claim one place."""
    by_place: dict[tuple[int, int], Log] = {}
    hashes: dict[int, str] = {}
    for item in _items(value, "logs", MAX_LOGS):
        one = log(item)
        if not first <= one.block <= last or one.address not in addresses:
            raise Malformed("a log is outside of what was asked")
        if by_place.setdefault((one.block, one.log_index), one) != one:
            raise Malformed(f"two logs claim place {one.log_index} of block {one.block}")
        if hashes.setdefault(one.block, one.block_hash) != one.block_hash:
            raise Malformed(f"logs name two hashes of block {one.block}")
    return [by_place[place] for place in sorted(by_place)]


def blooms(found: Sequence[Log], bloom: bytes) -> bool:
    """Whether a block with this filter can hold these logs: no for any that it does not."""
    missing = ~int.from_bytes(bloom, "big")
    return not any(bloom_of(bytes.fromhex(one.address[2:]), one.topics) & missing for one in found)
