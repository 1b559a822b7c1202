"""Exact LIVE amounts: decimal text for people and scripts, integer wei (10^-18 LIVE) everywhere else."""

from __future__ import annotations

import re
from typing import Final

from host.errors import MallError

DECIMALS: Final = 18
WEI_PER_LIVE: Final = 10**DECIMALS
MAX_WEI: Final = 2**96 - 1
"""The width of an amount in the contracts' packed words; the whole supply fits."""

_TEXT = re.compile(r"(0|[1-9][0-9]{0,10})(?:\.([0-9]{1,18}))?", re.ASCII)


def parse(text: str) -> int:
    """Wei of a LIVE amount such as `12.5`: plain digits, at most 18 decimals, no sign, exponent or space.

    Raises:
        MallError: amount.bad.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise _bad(text, "write plain digits and at most 18 decimals, such as 12.5")
    wei = int(found[1]) * WEI_PER_LIVE + int((found[2] or "").ljust(DECIMALS, "0"))
    if wei > MAX_WEI:
        raise _bad(text, f"no amount is above {plain(MAX_WEI)} LIVE")
    return wei


def plain(wei: int) -> str:
    """The shortest decimal text of `wei` in LIVE: `12.5`, `0.000000000000000001`, `-3`."""
    whole, rest = divmod(abs(wei), WEI_PER_LIVE)
    sign = "-" if wei < 0 else ""
    decimals = f"{rest:0{DECIMALS}d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def show(wei: int) -> str:
    """The amount with its unit, for people: `12.5 LIVE`."""
    return f"{plain(wei)} LIVE"


def _bad(text: str, rule: str) -> MallError:
    return MallError("amount.bad", f"{text[:40]!r} is no LIVE amount: {rule}.", amount=text[:40])
