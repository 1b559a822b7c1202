"""The tree in Python and the contract agree on every root and proof."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.bindings import pack, pool_id
from contracts.errors import ChainError
from contracts.merkle import CumulativeTree

TOTALS = st.dictionaries(
    st.binary(min_size=20, max_size=20)
    .map(lambda raw: "0x" + raw.hex())
    .filter(lambda who: int(who, 16) > 0),
    st.integers(1, 2**64),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def funded(new_world: Any) -> Any:
    world = new_world()
    world.fund(world.operator, 1, 10**26)
    return world


@settings(max_examples=12, deadline=None)
@given(totals=TOTALS, data=st.data())
def test_the_contract_takes_every_proof_and_batch(
    funded: Any, totals: dict[str, int], data: st.DataObject
) -> None:
    world, chain = funded, funded.chain
    tree = CumulativeTree(totals)
    epoch = world.vault.call(chain, "epoch") + 1
    draw = pack(pool_id(world.operator.address, 1), 2**74)
    world.send(world.operator, world.vault, "settle", epoch, tree.root, b"\x00" * 32, [draw])
    accounts = sorted(totals)
    chosen = data.draw(st.lists(st.sampled_from(accounts), min_size=1, max_size=len(accounts), unique=True))
    before = {who: world.distributor.call(chain, "claimed", who) for who in accounts}
    held = {who: world.balance(who) for who in accounts}
    one = chosen[0]
    if totals[one] > before[one]:
        world.send(world.operator, world.distributor, "claim", tree.entry(one), tree.proof(one))
    many = tree.multiproof(chosen)
    world.send(world.operator, world.distributor, "claimMany", many.entries, many.proof, many.flag_words)
    for who in accounts:
        wanted = max(totals[who], before[who]) if who in chosen else before[who]
        assert world.distributor.call(chain, "claimed", who) == wanted
        assert world.balance(who) - held[who] == wanted - before[who]


def test_a_batch_of_everyone_needs_more_than_one_flag_word(funded: Any) -> None:
    world = funded
    accounts = [f"0x{number:040x}" for number in range(1, 301)]
    tree = CumulativeTree(dict.fromkeys(accounts, 2**70))
    epoch = world.vault.call(world.chain, "epoch") + 1
    draw = pack(pool_id(world.operator.address, 1), 300 * 2**70)
    world.send(world.operator, world.vault, "settle", epoch, tree.root, b"\x00" * 32, [draw])
    many = tree.multiproof(accounts)
    assert (len(many.proof), len(many.flag_words)) == (0, 2)
    world.send(world.operator, world.distributor, "claimMany", many.entries, many.proof, many.flag_words)
    assert {world.balance(who) for who in accounts} == {2**70}


@given(totals=TOTALS)
@settings(max_examples=30)
def test_the_root_depends_on_the_content_alone(totals: dict[str, int]) -> None:
    turned = dict(reversed([(who.upper().replace("0X", "0x"), amount) for who, amount in totals.items()]))
    assert CumulativeTree(turned).root == CumulativeTree(totals).root
    who = next(iter(totals))
    assert CumulativeTree({**totals, who: totals[who] + 1}).root != CumulativeTree(totals).root


def test_unknown_accounts_empty_trees_and_huge_amounts_are_refused() -> None:
    ann, bob = "0x" + "11" * 20, "0x" + "22" * 20
    tree = CumulativeTree({ann: 1})
    for attempt, code in [
        (lambda: CumulativeTree({}), "merkle.empty"),
        (lambda: tree.multiproof([]), "merkle.empty"),
        (lambda: tree.proof(bob), "merkle.unknown"),
        (lambda: tree.total(bob), "merkle.unknown"),
        (lambda: tree.multiproof([ann, bob]), "merkle.unknown"),
        (lambda: CumulativeTree({ann: 2**96}), "chain.bad_amount"),
        (lambda: CumulativeTree({"ann": 1}), "chain.bad_address"),
    ]:
        with pytest.raises(ChainError) as caught:
            attempt()
        assert caught.value.code == code
