"""The short codes that a game shows and a person types into a page of the host (as RFC 8628, section 6.1)."""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words come out; no digits, so that nothing looks like another."""
LENGTH: Final = 8
"""34 bits: with the limits on guessing, an hour of it finds one of 1,000 codes with a chance below 1 in 4,000."""


def new() -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """The code for people: WDJB-MJHT."""
    return f"{code[:4]}-{code[4:]}"


def typed(text: str) -> str | None:
    """The code that somebody typed, with or without dashes and spaces, in any letter case; None when it is none."""
    if len(text) > 64:
        return None
    code = "".join(char for char in text.upper() if char not in " -–—_.\t")
    return code if len(code) == LENGTH and all(char in ALPHABET for char in code) else None
