"""What the contracts cost: `python benchmarks/gas.py [--local] [--json FILE]`.

Every use is measured on the embedded chain and on anvil (a real node, Prague rules), and shown with its bar and with
what comparable contracts of others cost.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from contracts import gas
from contracts.anvil import Anvil, MinedChain

FUNDS = 10**24
"""Wei of native coin for each who pays for gas on the node."""


def on_a_node() -> dict[str, int]:
    """The table measured on anvil."""
    with Anvil(chain_id=gas.CHAIN_ID, automine=False, timestamp=gas.START, final_after=0) as node:
        for key in (gas.OPERATOR, gas.BUYER):
            node.fund(key.address, FUNDS)
        with MinedChain(node) as chain:
            return gas.measure(chain)


def show(local: dict[str, int], node: dict[str, int] | None) -> Table:
    """The table; a use that costs more than its bar on either chain has missed it."""
    table = Table(title="Gas of the contracts (Prague)")
    for heading in ("Use", "LocalChain", "anvil", "bar", "held?", "peers"):
        table.add_column(heading, justify="left" if heading in ("Use", "peers") else "right")
    for use, cost in local.items():
        bar = gas.BARS.get(use)
        worst = max(cost, (node or {}).get(use, 0))
        verdict = "" if bar is None else "held" if worst <= bar.most else "missed"
        peers = "; ".join(f"{name} {paid:,} ({what})" for name, paid, what in bar.peers) if bar else ""
        table.add_row(
            use,
            f"{cost:,}",
            f"{node[use]:,}" if node else "-",
            f"{bar.most:,}" if bar else "",
            verdict,
            peers,
        )
    return table


def main() -> None:
    """Prints the table; ends with 1 when a bar is missed or the chains differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--local", action="store_true", help="the embedded chain alone")
    parser.add_argument("--json", type=Path, help="write both columns here too")
    arguments = parser.parse_args()
    local = gas.measure()
    node = None if arguments.local else on_a_node()
    Console(width=190).print(show(local, node))
    if arguments.json:
        arguments.json.write_text(json.dumps({"local": local, "anvil": node}, indent=1), encoding="utf-8")
    wrong = sorted(gas.over_bars(local))
    if wrong:
        raise SystemExit(f"over the bar: {', '.join(wrong)}")
    differing = [use for use in local if node is not None and node[use] != local[use]]
    if differing:
        raise SystemExit(f"the chains differ in: {', '.join(differing)}")


if __name__ == "__main__":
    main()
