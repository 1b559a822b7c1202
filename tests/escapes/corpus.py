"""Reads the hostile corpus: what each file tries, and what must come of it at load and in an event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.probe import OUTCOMES
from tests.escapes.made import made

FOLDER = Path(__file__).parent
KINDS = ("loops", "ccalls", "memory", "stack", "escapes", "abuse", "broken")
_HEAD = re.compile(rb"-- (?P<about>[^\n]+)\n-- load: (?P<load>[a-z|]+)\n-- event: (?P<event>[a-z|]+)\n")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the corpus."""

    name: str
    source: bytes
    about: str
    at_load: frozenset[str]
    in_event: frozenset[str]

    def expected(self, in_event: bool) -> frozenset[str]:
        """Outcomes that are right in this mode."""
        return self.in_event if in_event else self.at_load


def read_corpus() -> list[Entry]:
    """All files, sorted by name. Raises ValueError for a file without a proper head."""
    sources = {
        path.relative_to(FOLDER).with_suffix("").as_posix(): path.read_bytes()
        for path in FOLDER.rglob("*.lua")
    }
    return [_entry(name, source) for name, source in sorted({**sources, **made()}.items())]


def _entry(name: str, source: bytes) -> Entry:
    head = _HEAD.match(source)
    if head is None:
        raise ValueError(f"{name}: the first lines must be what it tries, '-- load: ...' and '-- event: ...'")
    outcomes = [frozenset(head[mode].decode().split("|")) for mode in ("load", "event")]
    for expected in outcomes:
        if not expected <= set(OUTCOMES):
            raise ValueError(f"{name}: {sorted(expected)} are no outcomes")
    return Entry(name, source, head["about"].decode(), *outcomes)
