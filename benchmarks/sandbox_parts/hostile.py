"""The longest event of the hostile corpus: what one file can keep a worker busy before the guards stop it."""

from __future__ import annotations

from benchmarks.sandbox_parts.games import ROOT
from benchmarks.sandbox_parts.measure import Row, unpin
from sandbox.probe import ProbeRow, probe

CORPUS = ROOT / "tests/escapes"
EVENT_MS_BAR = 150.0


def rows(most: int) -> list[Row]:
    """The worst of at most `most` files, inside an event and at load; none when there is no corpus."""
    paths = sorted(CORPUS.rglob("*.lua"))
    step = max(1, len(paths) // most)
    files = [(str(path.relative_to(CORPUS)), path.read_bytes()) for path in paths[::step][:most]]
    if not files:
        return []
    unpin()
    return [
        _row("in an event", probe(files, in_event=True, lanes=1), EVENT_MS_BAR),
        _row("at load or in handlers", probe(files, lanes=1), None),
    ]


def _row(where: str, probed: list[ProbeRow], bar: float | None) -> Row:
    guarded = [row for row in probed if row.worker_alive]
    worst = max(guarded, key=lambda row: row.worst_ms)
    return Row(
        f"{len(guarded)} of {len(probed)} hostile files {where}: {worst.name}",
        "ms",
        [worst.worst_ms],
        bar=bar,
    )
