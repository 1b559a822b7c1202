"""Writes the table: `python -m contracts.gas`."""

from __future__ import annotations

import json
import sys

from contracts.gas import BARS, TABLE, measure, over_bars


def main() -> int:
    """Writes each figure, its bar and what peers cost beside it. Ends with 1 when a bar is missed."""
    measured = measure()
    table: dict[str, dict[str, object]] = {}
    for use, gas in measured.items():
        table[use] = {"gas": gas}
        bar = BARS.get(use)
        if bar is not None:
            table[use]["bar"] = bar.most
        if bar is not None and bar.peers:
            table[use]["peers"] = {f"{name}, {what}": cost for name, cost, what in bar.peers}
        print(f"{gas:>10,}  {f'{bar.most:,}' if bar else '':>10}  {use}")
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    missed = over_bars(measured)
    for use in sorted(missed):
        print(f"over its bar: {use}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
