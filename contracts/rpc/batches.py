"""Splits work into transactions that each stay below the gas cap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from contracts.chain import TX_GAS_CAP
from contracts.errors import ChainError

T = TypeVar("T")


def split_by_gas(
    items: Sequence[T], gas_of: Callable[[Sequence[T]], int], cap: int = TX_GAS_CAP
) -> list[list[T]]:
    """The items in order, in batches whose gas is at most `cap`. `gas_of` says what one batch needs; it may raise
    ChainError `chain.gas_cap` as `Chain.estimate` does. Raises the same for a single item over the cap."""
    if not items:
        return []
    try:
        gas = gas_of(items)
    except ChainError as error:
        if error.code != "chain.gas_cap":
            raise
        gas = cap + 1
    if gas <= cap:
        return [list(items)]
    if len(items) == 1:
        raise ChainError("chain.gas_cap", f"one item alone needs more than {cap} gas", cap=cap)
    half = len(items) // 2
    return [*split_by_gas(items[:half], gas_of, cap), *split_by_gas(items[half:], gas_of, cap)]
