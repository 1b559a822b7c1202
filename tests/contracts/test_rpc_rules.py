"""The pure rules of the adapter: prices, batches, words, and Python's limits."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.anvil import Anvil
from contracts.chain import Fees
from contracts.errors import ChainError, ChainRevert
from contracts.recursion import EVM_LIMIT, kept_recursion_limit
from contracts.rpc import fees
from contracts.rpc.batches import split_by_gas
from contracts.rpc.faults import shown

wei = st.integers(0, 10**15)


@given(base=wei, tip=wei, room=st.integers(-5, 10) | wei)
def test_an_offer_is_mined_now_and_never_over_the_cap(base: int, tip: int, room: int) -> None:
    cap = base + tip + room
    if base + tip > cap:
        with pytest.raises(ChainError) as caught:
            fees.offer(base, tip, cap)
        assert caught.value.code == "chain.fee_cap"
    else:
        offer = fees.offer(base, tip, cap)
        assert 0 <= offer.tip <= offer.fee <= cap
        assert offer.fee >= base + tip


@given(fee=wei, tip=wei, base=wei, more=wei)
def test_a_replacement_is_a_tenth_more_in_both_and_enough_for_now(
    fee: int, tip: int, base: int, more: int
) -> None:
    offered, now = Fees(fee + tip, tip), Fees(base + more, more)
    wanted = fees.raised(offered, now, cap=10**20)
    if now.fee <= offered.fee and now.tip <= offered.tip:
        assert wanted is None
        return
    assert wanted is not None
    assert wanted.fee * 10 >= offered.fee * 11
    assert wanted.tip * 10 >= offered.tip * 11
    assert wanted.fee > offered.fee
    assert wanted.tip > offered.tip
    assert wanted.fee >= now.fee
    assert wanted.tip >= now.tip
    assert wanted.tip <= wanted.fee
    with pytest.raises(ChainError) as caught:
        fees.raised(offered, now, cap=wanted.fee - 1)
    assert caught.value.code == "chain.fee_cap"


@given(honest=st.lists(wei, min_size=2, max_size=5), lie=st.integers(0, 2**256))
def test_one_liar_moves_the_median_only_within_what_the_honest_say(honest: list[int], lie: int) -> None:
    assert fees.median([*honest, lie]) <= max(honest)
    assert fees.median([lie, lie // 2, *honest, *honest]) >= min(honest)


@given(costs=st.lists(st.integers(1, 100), max_size=60), cap=st.integers(100, 400))
def test_batches_hold_everything_in_order_and_below_the_cap(costs: list[int], cap: int) -> None:
    batches = split_by_gas(costs, sum, cap)
    assert [cost for batch in batches for cost in batch] == costs
    assert all(batch and sum(batch) <= cap for batch in batches)
    if sum(costs) <= cap:
        assert len(batches) <= 1


def test_a_chain_that_refuses_a_batch_for_its_size_is_asked_for_halves() -> None:
    def estimate(items: list[int]) -> int:  # type: ignore[type-arg]
        if len(items) > 2:
            raise ChainError("chain.gas_cap", "too much")
        if len(items) > 1:
            raise ChainRevert("Unknown", {}, b"")
        return 5

    assert split_by_gas([1, 2, 3, 4, 5], estimate) == [[1], [2], [3], [4], [5]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error", [ChainRevert("NotOwner", {}, b"\x01\x02\x03\x04"), ChainError("chain.unreachable", "no")]
)
def test_a_refusal_with_a_reason_is_not_split(error: ChainError) -> None:
    asked = []

    def estimate(items: object) -> int:
        asked.append(items)
        raise error

    with pytest.raises(ChainError) as caught:
        split_by_gas([1, 2, 3], estimate)
    assert caught.value is error
    assert len(asked) == 1


def test_one_item_over_the_cap_cannot_be_split() -> None:
    with pytest.raises(ChainError) as caught:
        split_by_gas([1, 9], lambda items: sum(items), cap=5)
    assert caught.value.code == "chain.gas_cap"


def test_words_of_a_stranger_are_short_and_printable() -> None:
    assert shown("a\x1b[31m\nb\x00") == "a?[31m?b?"
    assert len(shown("x" * 10_000)) == 200


@pytest.mark.parametrize(
    ("imported", "limit"),
    [
        ("contracts.rpc", 1000), ("contracts.local.provider", 1000), ("contracts.local.evm", EVM_LIMIT),
        ("contracts.rpc, contracts.local.evm, contracts.local.provider", EVM_LIMIT),
    ],
)  # fmt: skip
def test_pythons_recursion_limit_stays_where_deep_json_is_an_error(imported: str, limit: int) -> None:
    """web3.py and py-evm raise it so far that a stranger's brackets end the process."""
    program = f"""
import sys, json, {imported}
import msgspec
print(sys.getrecursionlimit())
for decode in (json.loads, msgspec.json.decode):
    try:
        decode(b"[" * 1_000_000)
    except (RecursionError, ValueError):
        print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{limit}\nrefused\nrefused\n"


def test_an_import_that_raises_the_limit_is_undone() -> None:
    before = sys.getrecursionlimit()
    with kept_recursion_limit():
        sys.setrecursionlimit(before + 500)
    assert sys.getrecursionlimit() == before
    try:
        with kept_recursion_limit(least=before + 7):
            sys.setrecursionlimit(before + 500)
        assert sys.getrecursionlimit() == before + 7
    finally:
        sys.setrecursionlimit(before)


def test_a_node_that_cannot_start_says_why_and_one_that_started_ends() -> None:
    with pytest.raises(ChainError) as caught:
        Anvil(chain_id=-1)
    assert caught.value.code == "anvil.start"
    assert "unexpected argument '-1'" in caught.value.message
    with Anvil(block_time=1) as node:
        assert node.ask("eth_chainId") == hex(node.chain_id)
        with pytest.raises(ChainError) as caught:
            node.ask("eth_nothing")
        assert caught.value.code == "anvil.refused"
    with pytest.raises(ConnectionRefusedError):
        node.ask("eth_chainId")
