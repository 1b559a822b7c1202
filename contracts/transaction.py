"""An unsigned transaction of EIP-1559 (type 2): its digest, its signed bytes, and what such bytes say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import rlp

from contracts.address import address_bytes, address_from_bytes, keccak256
from contracts.errors import ChainError

DYNAMIC_FEE = b"\x02"
MAX_RAW = 256 * 1024
"""No transaction of ours is longer (bytes); a node takes 128 KiB."""


@dataclass(frozen=True, slots=True)
class UnsignedTx:
    """What is to be signed. `fee` and `tip` in wei per gas, `to` None deploys `data`; the access list is empty."""

    chain_id: int
    nonce: int
    tip: int
    fee: int
    gas: int
    to: str | None
    value: int
    data: bytes = field(repr=False)

    def _fields(self) -> list[Any]:
        to = address_bytes(self.to) if self.to is not None else b""
        return [self.chain_id, self.nonce, self.tip, self.fee, self.gas, to, self.value, self.data, []]

    def digest(self) -> bytes:
        """The 32 bytes that a key signs."""
        return keccak256(DYNAMIC_FEE + rlp.encode(self._fields()))

    def signed(self, parity: int, r: int, s: int) -> bytes:
        """The bytes to broadcast."""
        encoded: bytes = rlp.encode([*self._fields(), parity, r, s])
        return DYNAMIC_FEE + encoded


def parse_signed(raw: bytes) -> tuple[UnsignedTx, tuple[int, int, int]]:
    """What signed bytes say, and their signature (parity, r, s); who signed is for `contracts.keys` to recover.

    Raises:
        ChainError: chain.bad_transaction for anything but the one canonical encoding.
    """
    try:
        if len(raw) > MAX_RAW or raw[:1] != DYNAMIC_FEE:
            raise ValueError("not of type 2, or too long")
        fields = rlp.decode(raw[1:], strict=True)
        if not isinstance(fields, list) or len(fields) != 12 or fields[8] != []:
            raise ValueError("not the twelve fields with an empty access list")
        numbers = [number_of(fields[place]) for place in (0, 1, 2, 3, 4, 6, 9, 10, 11)]
        to, data = fields[5], fields[7]
        if not isinstance(to, bytes) or len(to) not in (0, 20) or not isinstance(data, bytes):
            raise ValueError("no receiver or no data")
    except (rlp.exceptions.RLPException, ValueError, TypeError, RecursionError) as error:
        raise ChainError(
            "chain.bad_transaction", f"these bytes are no signed transaction: {error}"
        ) from error
    chain_id, nonce, tip, fee, gas, value, parity, r, s = numbers
    unsigned = UnsignedTx(chain_id, nonce, tip, fee, gas, address_from_bytes(to) if to else None, value, data)
    return unsigned, (parity, r, s)


def number_of(field: object) -> int:
    """A number of at most 256 bits from a field of RLP. Raises ValueError unless it is written in the shortest way."""
    if not isinstance(field, bytes) or field[:1] == b"\x00" or len(field) > 32:
        raise ValueError("a number is not written in the shortest way")
    return int.from_bytes(field, "big")
