"""The longest event of the hostile corpus: what one file can keep a worker busy before the guards stop it."""

from __future__ import annotations

from benchmarks.sandbox_parts.games import ROOT
from benchmarks.sandbox_parts.measure import NotMeasuredError, Row, unpin
from sandbox.probe import probe

CORPUS = ROOT / "tests/escapes"
EVENT_MS_BAR = 150.0


def rows(most: int) -> list[Row]:
    """The worst of at most `most` files, each run in a tick handler; none when there is no corpus."""
    paths = sorted(CORPUS.rglob("*.lua"))
    step = max(1, len(paths) // most)
    files = [(str(path.relative_to(CORPUS)), path.read_bytes()) for path in paths[::step][:most]]
    if not files:
        return []
    unpin()
    probed = probe(files, in_event=True)
    guarded = [row for row in probed if row.worker_alive]
    if not guarded:
        raise NotMeasuredError(f"each of {len(files)} hostile files took its worker down")
    worst = max(guarded, key=lambda row: row.worst_ms)
    name = f"longest event of {len(guarded)} of {len(probed)} hostile files: {worst.name}"
    return [Row(name, "ms", [worst.worst_ms], bar=EVENT_MS_BAR)]
