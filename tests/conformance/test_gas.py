"""What each use costs is the same on the embedded chain and on a real node, and does not grow unseen."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contracts import gas
from contracts.anvil import MinedChain
from tests.conformance.conftest import new_node

GROWTH = 1.02
"""A use may cost this much more than the committed table says before a test fails."""


def grown(measured: Mapping[str, int], committed: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """What costs too much: (measured, committed) by use. A use that is not in the table costs too much."""
    wanted = {use: committed.get(use, 0) for use in measured}
    return {use: (cost, wanted[use]) for use, cost in measured.items() if cost > wanted[use] * GROWTH}


@pytest.fixture(scope="module")
def on_a_node() -> dict[str, int]:
    with new_node((gas.OPERATOR, gas.BUYER)) as node, MinedChain(node) as chain:
        return gas.measure(chain)


def test_a_real_node_asks_for_the_gas_of_the_committed_table(on_a_node: dict[str, int]) -> None:
    committed = gas.committed()
    assert grown(on_a_node, committed) == {}, "run python -m contracts.gas when the growth is wanted"
    assert on_a_node.keys() == committed.keys()
    assert gas.over_bars(on_a_node) <= gas.over_bars(committed)


def test_both_chains_ask_for_exactly_the_same_gas(on_a_node: dict[str, int]) -> None:
    assert gas.measure() == on_a_node


def test_growth_above_the_limit_and_unknown_uses_are_found() -> None:
    table = {"a": 1000, "b": 1000}
    assert grown({"a": 1020, "b": 900}, table) == {}
    assert grown({"a": 1021, "c": 1}, table) == {"a": (1021, 1000), "c": (1, 0)}
