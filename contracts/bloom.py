"""The filter of 2,048 bits that a block keeps of its logs (Yellow Paper, section 4.3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from contracts.address import keccak256


def bloom_of(address: bytes, topics: Sequence[bytes]) -> int:
    """The bits that a log sets, as the number whose 256 big-endian bytes are the filter."""
    bloom = _bits(address)
    for topic in topics:
        bloom |= _bits(topic)
    return bloom


@lru_cache(maxsize=8192)
def _bits(value: bytes) -> int:
    """The three bits of an address or a topic."""
    digest = keccak256(value)
    bits = 0
    for start in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[start : start + 2], "big") & 2047)
    return bits
