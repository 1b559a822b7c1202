"""Market: fee and royalty are paid exactly, contract wallets are asked, a pause stops new business only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contracts.keys import PrivateKey
from contracts.orders import as_tuple
from contracts.typed import Domain
from tests.contracts.market import LAND, bid, buy, fee_of, published, refuse
from tests.contracts.trade import LIVE, Town
from tests.contracts.wallets import LIAR, REVERTS, YES, install


def test_a_resale_of_a_resource_pays_its_creator(town: Town, bob: PrivateKey) -> None:
    maker, cy = town.person("maker"), town.rich("cy", town.market)
    edition = published(town, maker, 700) + 1
    first = town.sale(maker, edition, collection=town.resource.address, price=LIVE)
    receipt = buy(town, bob, maker, first)
    assert town.events(receipt, town.market)[0].args["royalty"] == 0
    assert town.balance(maker.address) == LIVE - fee_of(LIVE)
    town.send(bob, town.resource, "setApprovalForAll", town.market.address, True)
    before = town.balance(bob.address)
    second = town.sale(bob, edition, collection=town.resource.address, price=3 * LIVE + 1)
    receipt = buy(town, cy, bob, second)
    royalty = second.price * 700 // 10_000
    assert town.events(receipt, town.market)[0].args["royalty"] == royalty
    assert town.balance(maker.address) == LIVE - fee_of(LIVE) + royalty
    assert town.balance(bob.address) == before + second.price - royalty - fee_of(second.price)
    assert town.owner(town.resource, edition) == cy.address


def test_the_fee_has_a_cap_and_belongs_to_the_owner_to_set(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    cap = town.ask(town.market, "MAX_FEE_BPS")
    town.refused("FeeTooHigh", town.operator, town.market, "setFee", cap + 1, town.till)
    town.refused("FeeReceiverMissing", town.operator, town.market, "setFee", 0, "0x" + "00" * 20)
    town.refused("OwnableUnauthorizedAccount", bob, town.market, "setFee", 0, bob.address)
    town.refused("OwnableUnauthorizedAccount", bob, town.market, "pauseNewBusiness", True)
    town.send(town.operator, town.market, "setFee", 0, town.till)
    buy(town, bob, ann, town.sale(ann, LAND))
    assert town.balance(ann.address) == LIVE
    town.send(town.operator, town.market, "setFee", cap, town.arbiter.address)
    buy(town, bob, ann, town.sale(ann, LAND + 1, nonce=1))
    assert town.balance(town.arbiter.address) == LIVE * cap // 10_000
    assert (town.balance(town.till), town.balance(ann.address)) == (0, 2 * LIVE - LIVE * cap // 10_000)


# ---- contract wallets, pause


def test_contract_wallets_are_asked_whether_they_signed(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    """One that agrees to everything has still given no allowance: that is what is asked for next."""
    for code, error in (
        (YES, "ERC20InsufficientAllowance"),
        (LIAR, "SignatureInvalid"),
        (REVERTS, "SignatureInvalid"),
    ):
        wallet = install(town.chain, code)
        order = replace(town.offer(ann, LAND), buyer=wallet)
        town.refused(error, ann, town.market, "accept", as_tuple(order), b"any words")


def test_a_pause_stops_new_business_and_nothing_else(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    auction = town.auction(ann, LAND)
    bid(town, bob, ann, auction, LIVE)
    receipt = town.send(town.operator, town.market, "pauseNewBusiness", True)
    assert [event.name for event in town.events(receipt, town.market)] == ["NewBusinessPaused"]
    fills: list[Callable[[], Any]] = [
        lambda: refuse(town, "NewBusinessIsPaused", bob, "buy", ann, town.sale(ann, LAND + 1, nonce=1)),
        lambda: refuse(town, "NewBusinessIsPaused", ann, "accept", bob, town.offer(bob, LAND + 1)),
        lambda: refuse(town, "NewBusinessIsPaused", bob, "bid", ann, auction, 2 * LIVE),
        lambda: refuse(town, "NewBusinessIsPaused", bob, "rent", ann, town.lease(ann, LAND + 1, nonce=1), 2),
    ]
    for fill in fills:
        fill()
    town.send(ann, town.market, "cancel", 1)
    town.now = auction.ends_at + 1
    town.send(bob, town.market, "settle", as_tuple(auction))
    town.send(ann, town.market, "cancelAll")
    town.send(town.operator, town.market, "pauseNewBusiness", False)
    buy(town, bob, ann, town.sale(ann, LAND + 1))


def test_the_domain_is_the_one_that_is_signed_for(town: Town) -> None:
    _, name, version, chain_id, contract, *_ = town.ask(town.market, "eip712Domain")
    assert Domain(name, version, chain_id, contract) == town.domain
