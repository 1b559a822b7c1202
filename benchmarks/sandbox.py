"""What the sandbox costs: `python benchmarks/sandbox.py [--quick] [--json FILE]`; README.md says how to read it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
from pathlib import Path

# in front of this file's own folder, where it would hide the package of its name
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from benchmarks.sandbox_parts import dispatch, hang, hostile, peers, states, throughput
from benchmarks.sandbox_parts.measure import ALLOWED, NotMeasuredError, Row, cores
from host.errors import MallError
from sandbox.errors import SandboxError

PARTS = ("dispatch", "throughput", "states", "hang", "hostile")


def measure(part: str, quick: bool) -> list[Row]:
    """The rows of one part. Raises NotMeasuredError, SandboxError."""
    if part == "dispatch":
        try:
            found = peers.find()
        except MallError as problem:
            found = {}
            print(f"no peer, so no ratio: {problem}")
        return asyncio.run(dispatch.rows(found, 3 if quick else 15, 2_000 if quick else 8_000))
    if part == "throughput":
        return asyncio.run(throughput.rows(3 if quick else 9, 0.2 if quick else 2.5))
    if part == "states":
        return states.rows(3 if quick else 9, 10 if quick else 60)
    if part == "hang":
        return hang.rows(1 if quick else 7)
    return hostile.rows(4 if quick else 10_000)


def show(rows: list[Row]) -> None:
    """Prints the table."""
    table = Table("metric", "ours", "best", "peer", "ratio", "of best", "bar", "held?")
    for row in rows:
        peer = f"{sorted(row.peer)[len(row.peer) // 2]:,.2f} {row.unit}" if row.peer else ""
        bar = ""
        if row.bar is not None:
            sign = "≥" if row.least else "≤"
            bar = f"{sign} {row.bar:g}x" if row.peer else f"{sign} {row.bar:,g} {row.unit}"
        table.add_row(
            row.metric,
            f"{row.median:,.2f} {row.unit}",
            f"{row.best:,.2f}",
            peer,
            "" if row.ratio is None else f"{row.ratio:.2f}x",
            "" if row.best_ratio is None else f"{row.best_ratio:.2f}x",
            bar,
            {None: "", True: "yes", False: "NO"}[row.held],
        )
    Console(width=140).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short rounds: proves that all runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part, and others so named")
    options = parser.parse_args()
    host, worker = cores()
    rows: list[Row] = []
    failed: list[str] = []
    for part in options.only or PARTS:
        try:
            rows += measure(part, options.quick)
        except (NotMeasuredError, SandboxError) as problem:
            failed.append(f"{part} gave no figures: {problem}")
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {len(ALLOWED)} cores; "
        f"host on core {host}, worker, states and peers on core {worker}. "
        "Median and best of the rounds; the rounds of ours and of a peer alternate.\n"
        f"Load average {os.getloadavg()[0]:.1f}: much above 2 means that others ran too, which slows wall times."
    )
    show(rows)
    if options.json:
        facts = [
            {
                "metric": row.metric,
                "unit": row.unit,
                "ours": list(row.ours),
                "peer": list(row.peer),
                "median": row.median,
                "best": row.best,
                "ratio": row.ratio,
                "best_ratio": row.best_ratio,
                "bar": row.bar,
                "held": row.held,
            }
            for row in rows
        ]
        options.json.write_text(json.dumps(facts, indent=1) + "\n")
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
