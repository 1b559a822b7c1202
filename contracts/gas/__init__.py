"""What the contracts cost: `python -m contracts.gas` writes `gas.json` from the embedded chain, tests hold it there and
on a real node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from contracts.chain import Chain
from contracts.gas.bars import BARS, Bar
from contracts.gas.bench import BUYER, OPERATOR, Bench, Table
from contracts.gas.land import land
from contracts.gas.rewards import rewards
from contracts.gas.trade import trade
from contracts.local import LocalChain

__all__ = [
    "BARS",
    "BUYER",
    "CHAIN_ID",
    "OPERATOR",
    "START",
    "TABLE",
    "Bar",
    "committed",
    "measure",
    "over_bars",
]

TABLE = Path(__file__).parent.parent / "gas.json"
CHAIN_ID = 31_337
"""That of a new anvil: signatures hold it, and each of their bytes has its price."""
START = 1_800_000_000
"""The chain's clock, seconds UTC."""


def measure(chain: Chain | None = None) -> Table:
    """Gas by use, in the order of the table; on a new embedded chain, or on an empty `chain` with CHAIN_ID and START
    whose accounts OPERATOR and BUYER can pay for gas."""
    bench = Bench(chain or cast(Chain, LocalChain(None, chain_id=CHAIN_ID, clock=lambda: START)))
    table = {**land(bench), **rewards(bench), **trade(bench)}
    return {**bench.deploys, **table}


def over_bars(table: Mapping[str, int]) -> set[str]:
    """The uses of a table that cost more than their bar."""
    return {use for use, bar in BARS.items() if table[use] > bar.most}


def committed() -> Table:
    """The gas of the committed table, by use."""
    return {use: int(row["gas"]) for use, row in json.loads(TABLE.read_text(encoding="utf-8")).items()}
