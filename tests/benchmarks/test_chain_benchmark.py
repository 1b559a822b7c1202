"""The benchmarks of the chain and of gas: they run to their end and show every part."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.chain import Row
from contracts import gas

ROOT = Path(__file__).parent.parent.parent


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, f"benchmarks/{script}", *arguments], cwd=ROOT, capture_output=True, text=True
    )


def test_a_quick_run_of_the_chain_measures_every_row_on_both(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    done = run("chain.py", "--quick", "--json", str(file))
    assert done.returncode == 0, done.stderr
    rows = json.loads(file.read_text())
    assert [row["metric"].split(" ")[0] for row in rows] == [
        "transfers",
        "transfers",
        "opening",
        "getLogs",
        "the",
    ]
    assert all(value > 0 for row in rows for value in row["ours"])
    assert [bool(row["peers"]) for row in rows] == [True, True, False, True, True]
    assert done.stdout.count("held?") == 1


def test_the_table_of_gas_shows_every_use_with_its_bar(tmp_path: Path) -> None:
    file = tmp_path / "gas.json"
    done = run("gas.py", "--local", "--json", str(file))
    local = json.loads(file.read_text())["local"]
    assert local.keys() == gas.committed().keys()
    assert all(use in done.stdout for use in local)
    missed = gas.over_bars(local)
    assert done.stdout.count(" held ") == len(gas.BARS) - len(missed)
    assert (done.returncode != 0) == bool(missed)


def test_a_bar_is_judged_by_the_best_round() -> None:
    rate, time = Row("m", "1/s", 60, True, ours=[59, 61]), Row("m", "s", 0.5, False, ours=[0.6, 0.4])
    assert (rate.held, time.held) == (True, True)
    rate.bar, time.bar = 62, 0.3
    assert (rate.held, time.held) == (False, False)
