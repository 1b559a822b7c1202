"""Splits work into transactions that each stay below the gas cap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from contracts.chain import TX_GAS_CAP
from contracts.errors import ChainError, ChainRevert

T = TypeVar("T")


def split_by_gas(
    items: Sequence[T], gas_of: Callable[[Sequence[T]], int], cap: int = TX_GAS_CAP
) -> list[list[T]]:
    """The items in order, in batches that each need at most `cap` gas. `gas_of` says what one batch needs, or raises
    what `Chain.estimate` raises; a refusal without a reason counts as gas that ran out inside a call. Raises the same
    for a single item."""
    if not items:
        return []
    try:
        if gas_of(items) <= cap:
            return [list(items)]
        over = ChainError("chain.gas_cap", f"one item alone needs more than {cap} gas", cap=cap)
    except ChainError as error:
        if error.code != "chain.gas_cap" and not (isinstance(error, ChainRevert) and not error.data):
            raise
        over = error
    if len(items) == 1:
        raise over
    half = len(items) // 2
    return [*split_by_gas(items[:half], gas_of, cap), *split_by_gas(items[half:], gas_of, cap)]
