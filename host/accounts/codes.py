"""The short codes that a game shows and a person types into a page of the host (as RFC 8628, section 6.1)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from host.accounts.pace import Paces, network
from host.errors import MallError
from host.gateway.limits import Bucket

T = TypeVar("T")
ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words come out; no digits, so that nothing looks like another."""
LENGTH: Final = 8
"""34 bits: an hour of guessing at the full pace of WRONG finds one of 1,000 codes with a chance of 1 in 350."""
MAX_OPEN: Final = 1024
WRONG_EACH: Final = (1 / 30, 10.0)
"""Wrong codes from one network address: a second, and at once."""
WRONG: Final = (20.0, 200.0)
"""Wrong codes from everybody."""
ASKED_EACH: Final = (5.0, 40.0)
"""Questions with any code from one network address; this machine itself has no such limit."""


def shown(code: str) -> str:
    """The code for people: WDJB-MJHT."""
    return f"{code[:4]}-{code[4:]}"


def typed(text: str) -> str | None:
    """The code that somebody typed, with or without dashes and spaces, in any letter case; None when it is none."""
    if len(text) > 64:
        return None
    code = "".join(char for char in text.upper() if char not in " -–—_.\t")
    return code if len(code) == LENGTH and all(char in ALPHABET for char in code) else None


@dataclass(slots=True)
class _Entry(Generic[T]):
    what: T
    until: float


class CodeBook(Generic[T]):
    """What codes stand for, until they end (seconds, UTC). Guessing is paced by network address and in all."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry[T]] = {}
        self._each = Paces(*WRONG_EACH)
        self._asked = Paces(*ASKED_EACH)
        self._all: Bucket | None = None

    def issue(self, what: T, until: float) -> str:
        """A new code.

        Raises:
            MallError: wallet.full.
        """
        if len(self._entries) >= MAX_OPEN:
            raise MallError("wallet.full", "Too many codes are open; try again in a minute.", limit=MAX_OPEN)
        code = ""
        while not code or code in self._entries:
            code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        self._entries[code] = _Entry(what, until)
        return code

    def find(self, text: str, source: str, now: float) -> tuple[str, T]:
        """The code in its plain spelling and what it stands for; `source` is the network address of who typed it.

        Raises:
            MallError: wallet.no_code, wallet.too_many_tries.
        """
        code = typed(text)
        entry = self._entries.get(code) if code else None
        who = network(source) or "here"
        if who != "here" and not self._asked.take(who, now):
            raise MallError(
                "wallet.too_fast", "Your network asks too often. Wait a moment.", rate=ASKED_EACH[0]
            )
        self._all = self._all or Bucket(*WRONG, now)
        # The right code needs room too: else a guesser learns from the way in which it is refused.
        if not self._each.has(who, now) or not self._all.has(1, now):
            raise MallError(
                "wallet.too_many_tries",
                "Too many wrong codes came from your network. Wait a minute, then try again.",
            )
        if code is None or entry is None or entry.until <= now:
            self._each.take(who, now)
            self._all.take(1, now)
            raise MallError(
                "wallet.no_code",
                "This code is not known, or it has ended. Type the code that the game shows now; it has eight letters.",
            )
        return code, entry.what

    def drop(self, code: str) -> None:
        """The code works no more."""
        self._entries.pop(code, None)

    def sweep(self, now: float) -> Iterator[T]:
        """Drop the codes that have ended, and say what they stood for."""
        for code in [code for code, entry in self._entries.items() if entry.until <= now]:
            yield self._entries.pop(code).what
