"""Orders in Python name themselves as the Market does."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import orders
from contracts.abi import load_artifact
from contracts.address import address_from_bytes
from contracts.errors import ChainError
from contracts.typed import type_string
from tests.contracts.trade import Town

KINDS = (orders.Sale, orders.Offer, orders.Auction, orders.Lease)
ADDRESSES = st.binary(min_size=20, max_size=20).map(address_from_bytes)
NUMBERS = st.integers(0, 2**256 - 1)


def order_of(kind: Any) -> Any:
    return st.builds(
        kind, **{field.name: ADDRESSES if field.type == "str" else NUMBERS for field in fields(kind)}
    )


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


@settings(max_examples=40, deadline=None)
@given(order=st.one_of([order_of(kind) for kind in KINDS]))
def test_the_digest_is_the_one_of_the_contract(town: Town, order: Any) -> None:
    asked = town.ask(town.market, f"hash{type(order).__name__}", orders.as_tuple(order))
    assert orders.digest(order, town.domain) == asked


def test_a_wallet_computes_the_same_digest(town: Town) -> None:
    ann = town.person("ann")
    order = town.lease(ann, 7, nonce=3)
    signed = Account.sign_typed_data(ann.reveal(), full_message=orders.typed(order, town.domain).payload())
    assert signed.message_hash == orders.digest(order, town.domain)
    assert signed.signature == town.sign(ann, order)


def test_every_field_changes_the_digest(town: Town) -> None:
    ann = town.person("ann")
    for order in (town.sale(ann, 1), town.offer(ann, 1), town.auction(ann, 1), town.lease(ann, 1)):
        digests = {orders.digest(order, town.domain)}
        for field in fields(order):
            other = town.person("bob").address if field.type == "str" else 12_345
            digests.add(orders.digest(replace(order, **{field.name: other}), town.domain))
        assert len(digests) == 1 + len(fields(order))


def test_types_are_those_of_the_functions() -> None:
    """The words of an order lie in calldata in the order of its EIP-712 type."""
    functions = load_artifact("Market").functions
    for kind in KINDS:
        name = kind.__name__
        types = ",".join(kind for _, kind in orders.TYPES[name])
        assert functions[f"hash{name}", 1].types == (f"({types})",)
        assert type_string(name, orders.TYPES).startswith(f"{name}(address ")


def test_the_maker_signs_and_values_that_do_not_fit_are_refused(town: Town) -> None:
    ann = town.person("ann")
    made = (town.sale(ann, 1), town.offer(ann, 1), town.auction(ann, 1), town.lease(ann, 1))
    assert {orders.maker(order) for order in made} == {ann.address}
    with pytest.raises(ChainError) as caught:
        orders.digest(replace(made[0], price=-1), town.domain)
    assert caught.value.code == "typed.bad_value"
