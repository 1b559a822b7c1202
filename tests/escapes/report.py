"""Prints the corpus as a table: `python -m tests.escapes.report`, then the ten slowest of each mode."""

from __future__ import annotations

from collections import Counter

from sandbox.probe import ProbeRow, probe
from tests.escapes.corpus import KINDS, Entry, read_corpus
from tests.escapes.test_corpus import complaints

SHOWN = 10
EVENT_BAR_MS = 150.0


def main() -> None:
    """Both modes: outcomes by kind, complaints, the slowest."""
    corpus = read_corpus()
    for in_event in (False, True):
        rows = probe([(entry.name, entry.source) for entry in corpus], in_event=in_event)
        print(f"\n{'In an event' if in_event else 'At load'}: {len(rows)} files")
        for kind in KINDS:
            counts = Counter(row.outcome for row in rows if row.name.startswith(kind + "/"))
            print(f"  {kind:<8} " + "  ".join(f"{name} {count:>3}" for name, count in sorted(counts.items())))
        _complain(corpus, rows, in_event)
        print(f"  the {SHOWN} slowest" + (f" (the bar is {EVENT_BAR_MS:g} ms)" if in_event else ""))
        for row in sorted(rows, key=lambda row: -row.worst_ms)[:SHOWN]:
            print(f"    {row.worst_ms:8.1f} ms  {row.outcome:<7} {row.name}")


def _complain(corpus: list[Entry], rows: list[ProbeRow], in_event: bool) -> None:
    for entry, row in zip(corpus, rows, strict=True):
        for text in complaints(entry, row, in_event):
            print(f"  WRONG {text}")


if __name__ == "__main__":
    main()
