"""Wallet addresses as text: checked, in the EIP-55 spelling, and short for people."""

from __future__ import annotations

from typing import Final

from contracts.address import ZERO_ADDRESS, checked_address
from contracts.errors import ChainError
from host.errors import MallError

ZERO: Final = ZERO_ADDRESS


def checked(text: str) -> str:
    """`text` in the EIP-55 spelling. One letter case is accepted; mixed case must carry the right checksum.

    Raises:
        MallError: account.bad_address.
    """
    try:
        return checked_address(text)
    except ChainError as error:
        raise MallError(
            "account.bad_address",
            f"{text[:64]!r} cannot be used: {error.message}. Copy the address again.",
            address=text[:64],
        ) from error


def short(address: str) -> str:
    """The address for people: 0x1234…abcd."""
    return f"{address[:6]}…{address[-4:]}" if address else "nobody"
