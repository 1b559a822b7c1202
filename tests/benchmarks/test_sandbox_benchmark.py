"""The benchmark of the sandbox: it runs to its end, measures work that was really done, and judges its bars right."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.sandbox_parts.games import MINIMAL, path
from benchmarks.sandbox_parts.house import crowd
from benchmarks.sandbox_parts.measure import NotMeasuredError, Row, in_turn

ROOT = Path(__file__).parent.parent.parent
PARTS = ("tick, single", "tick, batched", "200 games", "state made", "memory of a state", "hang:")


@pytest.fixture(autouse=True)
def _cores() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, allowed)


def test_a_quick_run_prints_one_table_with_every_part(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    done = subprocess.run(
        [sys.executable, "benchmarks/sandbox.py", "--quick", "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(file.read_text())
    for part in PARTS:
        assert part in done.stdout
        found = [row for row in rows if row["metric"].startswith(part)]
        assert found
        assert all(value > 0 for row in found for value in row["ours"])
    assert done.stdout.count("held?") == 1
    assert sum(row["bar"] is not None for row in rows) >= 8


def test_a_figure_is_refused_when_the_ticks_did_not_run() -> None:
    async def measure() -> None:
        async with crowd(MINIMAL, 2, players=True) as house:
            await house.measure(10, path())

    with pytest.raises(NotMeasuredError, match="20 ticks asked for, 0 ran"):
        asyncio.run(measure())


def test_a_bar_is_about_the_ratio_where_there_is_a_peer() -> None:
    assert Row("m", "us", [9.0, 10.0, 50.0], [4.0, 5.0, 5.0], bar=2.25).held is True
    assert Row("m", "us", [9.0, 10.0, 50.0], [4.0, 5.0, 5.0], bar=1.9).held is False
    assert Row("m", "us", [9.0, 10.0, 50.0], bar=10.0).held is True
    assert Row("m", "/s", [9.0, 10.0, 50.0], bar=11.0, least=True).held is False
    assert Row("m", "us", [1.0]).held is None


def test_measurements_take_turns() -> None:
    order: list[str] = []

    def named(name: str) -> float:
        order.append(name)
        return float(len(order))

    assert in_turn(2, lambda: named("ours"), lambda: named("peer")) == ([1.0, 3.0], [2.0, 4.0])
    assert order == ["ours", "peer", "ours", "peer"]
