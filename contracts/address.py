"""Addresses as EIP-55 strings, hashes as 0x-strings: the two spellings that every module here takes and
gives."""

from __future__ import annotations

import re
from functools import lru_cache

from eth_utils.crypto import keccak

from contracts.errors import ChainError

ZERO_ADDRESS = "0x" + "00" * 20

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")


def address_from_bytes(value: bytes) -> str:
    """The EIP-55 spelling of 20 bytes. Raises ChainError `chain.bad_address`."""
    if len(value) != 20:
        raise ChainError("chain.bad_address", f"an address has 20 bytes, not {len(value)}")
    return _spell(bytes(value))


@lru_cache(maxsize=65_536)
def _spell(value: bytes) -> str:
    digits = value.hex()
    digest = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if mark >= "8" else digit for digit, mark in zip(digits, digest[:40], strict=True)
    )


def checked_address(value: str) -> str:
    """`value` in EIP-55 spelling. Raises ChainError `chain.bad_address` on anything else than 0x and 40 hex
    digits, and on a mixed-case spelling whose checksum is wrong."""
    return _spell(address_bytes(value))


def address_bytes(value: str) -> bytes:
    """The 20 bytes of an address string, checked as `checked_address` does."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise ChainError("chain.bad_address", "an address is 0x and 40 hex digits", value=str(value)[:80])
    digits = value[2:]
    raw = bytes.fromhex(digits)
    if digits not in (digits.lower(), digits.upper()) and value != _spell(raw):
        raise ChainError(
            "chain.bad_address", "the capital letters of this address are wrong: a typing error?", value=value
        )
    return raw


def hash_bytes(value: str) -> bytes:
    """The 32 bytes of a hash string. Raises ChainError `chain.bad_hash`."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ChainError("chain.bad_hash", "a hash is 0x and 64 hex digits", value=str(value)[:80])
    return bytes.fromhex(value[2:])


def to_hex(value: bytes) -> str:
    """0x-string of bytes."""
    return "0x" + value.hex()


def keccak256(value: bytes) -> bytes:
    """Keccak-256, as Ethereum uses it."""
    return bytes(keccak(value))
