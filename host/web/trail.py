"""Checks the audit trail's hash chain for the console, not more often than it can afford."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from host.errors import MallError
from host.storage import audit
from host.storage.rows import Row, Rows

CHUNK: Final = 2_000
FRESH_S: Final = 5.0
SHARE: Final = 20
"""A check is good for twenty times as long as it took, so checking costs at most a twentieth of a core."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The chain's head, or why it is broken. `at` in seconds, UTC; `broken_at` is the first bad row, 0 for none."""

    head: str
    rows: int
    at: float
    problem: str = ""
    broken_at: int = 0


class Checker:
    """Verifies the whole chain; readers in between share the last verdict."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last: Verdict | None = None
        self._until = 0.0

    def verdict(self, rows: Rows) -> Verdict:
        """Whether the chain holds as of the last check."""
        with self._lock:
            start = time.monotonic()
            if self._last is None or start >= self._until:
                self._last = check(rows, self._clock())
                end = time.monotonic()
                self._until = end + max(FRESH_S, SHARE * (end - start))
            return self._last


def check(rows: Rows, now: float) -> Verdict:
    """Verify the whole chain now (seconds, UTC)."""
    count = int(rows.value("select count(*) from audit"))
    try:
        head = audit.verify(_entries(rows))
    except MallError as error:
        return Verdict("", count, now, str(error), int(error.facts.get("row") or 0))
    return Verdict(head, count, now)


def _entries(rows: Rows) -> Iterator[Row]:
    """All rows in order, a few at a time."""
    seq: int | None = None
    while True:
        found = rows.all(
            "select * from audit where seq > ? order by seq limit ?", -(2**63) if seq is None else seq, CHUNK
        )
        if not found:
            return
        yield from found
        seq = int(found[-1]["seq"])
