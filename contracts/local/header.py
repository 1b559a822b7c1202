"""Block headers as Ethereum has them since Prague: their hash binds the parent, the state, the transactions, the
receipts and the logs (Yellow Paper section 4.3; EIP-1559, 4399, 4788, 4844, 4895, 7685)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.address import keccak256
from contracts.bloom import bloom_of
from contracts.chain import TX_GAS_CAP
from contracts.local.encoding import Item, encode

BLOCK_GAS_LIMIT = TX_GAS_CAP * 1024
"""Room for a thousand transactions that each ask for the most they may."""
BASE_FEE = 0
"""Wei per gas. It never moves, as on BNB Smart Chain."""
NO_HASH = b"\x00" * 32
NO_ADDRESS = b"\x00" * 20
NO_BLOOM = b"\x00" * 256
NO_NONCE = b"\x00" * 8
NO_UNCLES = keccak256(encode([]))
EMPTY_ROOT = keccak256(encode(b""))
"""The root of a trie that holds nothing: of a state without accounts, of a block without transactions."""
NO_REQUESTS = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
"""SHA-256 of nothing (EIP-7685)."""

_Item = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Header:
    """What differs from block to block; everything else of a header is constant here."""

    parent: bytes
    number: int
    timestamp: int
    state_root: bytes
    transactions_root: bytes
    receipts_root: bytes
    bloom: bytes
    gas_used: int

    def encode(self) -> bytes:
        """The bytes that are hashed."""
        return encode(self.fields())

    def fields(self) -> list[Item]:
        """All twenty-one fields in their order."""
        return [
            self.parent,
            NO_UNCLES,
            NO_ADDRESS,
            self.state_root,
            self.transactions_root,
            self.receipts_root,
            self.bloom,
            0,
            self.number,
            BLOCK_GAS_LIMIT,
            self.gas_used,
            self.timestamp,
            b"",
            NO_HASH,
            NO_NONCE,
            BASE_FEE,
            EMPTY_ROOT,
            0,
            0,
            NO_HASH,
            NO_REQUESTS,
        ]

    def hash(self) -> bytes:
        """The block's hash."""
        return keccak256(self.encode())


def encode_receipt(
    type_id: int, status: int, gas_so_far: int, logs: Sequence[tuple[bytes, Sequence[bytes], bytes]]
) -> tuple[bytes, int]:
    """A receipt's bytes and the bloom of its logs, which are (address, topics, data). `gas_so_far` counts from the
    start of the block."""
    bloom = 0
    for address, topics, _ in logs:
        bloom |= bloom_of(address, topics)
    written: list[Item] = [[address, list(topics), data] for address, topics, data in logs]
    encoded = encode([status, gas_so_far, bloom.to_bytes(256, "big"), written])
    return (bytes([type_id]) if type_id else b"") + encoded, bloom


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of the Merkle Patricia trie that holds each value under its rlp-encoded place (Yellow Paper,
    appendix D)."""
    if not values:
        return EMPTY_ROOT
    items = sorted((encode(place).hex().encode(), value) for place, value in enumerate(values))
    return keccak256(encode(_node(items, 0)))


def _node(items: Sequence[_Item], depth: int) -> list[Item]:
    """The trie node over keys (in hex digits, sorted) that agree in their first `depth` digits."""
    first, last = items[0][0], items[-1][0]
    if len(items) == 1:
        return [_path(first[depth:], leaf=True), items[0][1]]
    end = depth
    while first[end] == last[end]:
        end += 1
    if end > depth:
        return [_path(first[depth:end], leaf=False), _reference(items, end)]
    branch: list[Item] = [b""] * 17
    start = 0
    while start < len(items):
        digit = items[start][0][depth]
        stop = start
        while stop < len(items) and items[stop][0][depth] == digit:
            stop += 1
        branch[int(chr(digit), 16)] = _reference(items[start:stop], depth + 1)
        start = stop
    return branch


def _reference(items: Sequence[_Item], depth: int) -> Item:
    node = _node(items, depth)
    encoded = encode(node)
    return node if len(encoded) < 32 else keccak256(encoded)


def _path(digits: bytes, *, leaf: bool) -> bytes:
    odd = len(digits) % 2
    prefix = (b"2" if leaf else b"0") if not odd else (b"3" if leaf else b"1")
    return bytes.fromhex((prefix + (b"" if odd else b"0") + digits).decode())
