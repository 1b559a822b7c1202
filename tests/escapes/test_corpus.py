"""No file of the hostile corpus hurts anybody, and each ends as it says, at load and in an event."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.limits import Limits
from sandbox.probe import ProbeRow, probe
from tests.escapes.corpus import KINDS, Entry, read_corpus

CORPUS = read_corpus()
LIMITS = Limits(load_cpu_s=0.15, burst_cpu_s=0.25)
"""Less CPU time to burn than by default, for what is a matter of CPU time; `report` runs with the default."""
LEAST = {"loops": 50, "ccalls": 60, "memory": 20, "stack": 20, "escapes": 70, "abuse": 50, "broken": 40}


def complaints(entry: Entry, row: ProbeRow, in_event: bool) -> list[str]:
    """What is wrong with the row of one file."""
    wrong = [line for line in row.logs if "ESCAPED" in line][:1]
    if row.outcome not in entry.expected(in_event):
        wrong.append(f"{row.outcome}, expected {' or '.join(sorted(entry.expected(in_event)))}")
    if not row.neighbour_intact:
        wrong.append("the neighbour was hurt")
    if not row.worker_alive and "killed" not in entry.expected(in_event):
        wrong.append("the worker is dead")
    if not row.outbox_valid:
        wrong.append("an outbox was invalid")
    return [f"{entry.name}: {text} ({row.message[:120]})" for text in wrong]


@pytest.fixture(scope="module", params=[False, True], ids=["load", "event"])
def probed(request: pytest.FixtureRequest) -> tuple[bool, dict[str, ProbeRow]]:
    """The mode, and the row of each file in it."""
    rows = probe([(entry.name, entry.source) for entry in CORPUS], in_event=request.param, limits=LIMITS)
    return request.param, {row.name: row for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_the_corpus_hurts_nobody(kind: str, probed: tuple[bool, dict[str, ProbeRow]]) -> None:
    in_event, rows = probed
    entries = [entry for entry in CORPUS if entry.name.startswith(kind + "/")]
    assert [text for entry in entries for text in complaints(entry, rows[entry.name], in_event)] == []


def test_the_corpus_covers_every_kind() -> None:
    counts = Counter(entry.name.split("/")[0] for entry in CORPUS)
    assert all(counts[kind] >= LEAST[kind] for kind in KINDS)
    assert set(counts) == set(KINDS)


def test_no_file_needs_the_watchdog() -> None:
    assert [entry.name for entry in CORPUS if "killed" in entry.at_load | entry.in_event] == []


def test_a_complaint_is_made_of_an_escape() -> None:
    (row,) = probe([("one", b'mall.log "ESCAPED x"')])
    entry = Entry("one", b"", "", frozenset({"error"}), frozenset({"ok"}))
    assert len(complaints(entry, row, False)) == 2
