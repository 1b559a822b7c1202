"""Wallet addresses as text: checked, in the EIP-55 spelling, and short for people."""

from __future__ import annotations

import re
from typing import Final

from eth_utils.address import is_checksum_formatted_address, to_checksum_address

from host.errors import MallError

ZERO: Final = "0x" + "0" * 40
_SHAPE: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


def checked(text: str) -> str:
    """`text` in the EIP-55 spelling. One letter case is accepted; mixed case must carry the right checksum.

    Raises:
        MallError: account.bad_address.
    """
    if not _SHAPE.fullmatch(text):
        raise MallError(
            "account.bad_address",
            f"{text[:64]!r} is no address: 0x and 40 hexadecimal digits are needed.",
            address=text[:64],
        )
    spelled = str(to_checksum_address(text))
    if is_checksum_formatted_address(text) and text != spelled:
        raise MallError(
            "account.bad_address",
            f"The checksum of {text} (EIP-55) is wrong: a character was changed. Copy the address again.",
            address=text,
        )
    return spelled


def short(address: str) -> str:
    """The address for people: 0x1234…abcd."""
    return f"{address[:6]}…{address[-4:]}" if address else "nobody"
