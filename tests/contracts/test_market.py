"""Market: signed orders are filled once, by whom they are meant for, and pay everybody exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contracts import orders
from contracts.keys import PrivateKey
from contracts.orders import as_tuple
from contracts.typed import Domain, sign_digest
from tests.contracts.trade import DAY, EVERYTHING, FEE_BPS, LIVE, START, Town
from tests.contracts.wallets import LIAR, REVERTS, YES, install

LAND = 3 << 10
SQUARE = 4 << 10


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def ann(town: Town) -> PrivateKey:
    """Owns LAND and 15 parcels after it, and lets the market move them."""
    return town.landlord("ann", LAND, 16)


@pytest.fixture
def bob(town: Town) -> PrivateKey:
    """Has LIVE and lets the market take it."""
    return town.rich("bob", town.market)


def fee_of(price: int) -> int:
    return price * FEE_BPS // 10_000


def buy(town: Town, buyer: PrivateKey, seller: PrivateKey, order: orders.Sale) -> Any:
    return town.send(buyer, town.market, "buy", as_tuple(order), town.sign(seller, order))


def refuse(
    town: Town, error: str, caller: PrivateKey, verb: str, signer: PrivateKey, order: Any, *more: Any
) -> Any:
    return town.refused(error, caller, town.market, verb, as_tuple(order), town.sign(signer, order), *more)


# ---- sales


def test_a_sale_moves_the_title_and_pays_seller_and_fee(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order = town.sale(ann, LAND, price=LIVE + 39)
    before = town.balance(bob.address)
    receipt = buy(town, bob, ann, order)
    assert town.owner(town.tierra, LAND) == bob.address
    fee = fee_of(order.price)
    assert town.balance(bob.address) == before - order.price
    assert town.balance(ann.address) == order.price - fee
    assert town.balance(town.till) == fee
    assert town.balance(town.market.address) == 0
    (sold,) = town.events(receipt, town.market)
    assert (sold.name, *sold.args.values()) == (
        "Sold", orders.digest(order, town.domain), ann.address, bob.address,
        town.tierra.address, 0, LAND, order.price, fee, 0,
    )  # fmt: skip


def test_a_sale_is_filled_once_even_when_the_title_comes_back(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    order = town.sale(ann, LAND)
    buy(town, bob, ann, order)
    town.send(bob, town.tierra, "transferFrom", bob.address, ann.address, LAND)
    assert refuse(town, "OrderUsed", bob, "buy", ann, order) == {"maker": ann.address, "nonce": 0}
    refuse(town, "OrderUsed", bob, "buy", ann, town.sale(ann, LAND + 1))


def test_a_sale_ends_with_the_second_of_its_expiry(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order, late = (town.sale(ann, LAND + nonce, nonce=nonce) for nonce in (0, 1))
    town.now = order.expiry
    buy(town, bob, ann, order)
    town.now = late.expiry + 1
    assert refuse(town, "OrderExpired", bob, "buy", ann, late) == {"expiry": late.expiry}


def test_a_cancelled_order_is_not_filled(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    for nonce in (5, 191, 192, 2**200):
        order = town.sale(ann, LAND, nonce=nonce)
        assert not town.ask(town.market, "isUsed", ann.address, nonce)
        receipt = town.send(ann, town.market, "cancel", nonce)
        assert town.ask(town.market, "isUsed", ann.address, nonce)
        assert [event.name for event in town.events(receipt, town.market)] == ["OrderCancelled"]
        refuse(town, "OrderUsed", bob, "buy", ann, order)
        town.refused("OrderUsed", ann, town.market, "cancel", nonce)
    for neighbour in (4, 6, 190, 193, 2**200 + 1, 2**200 - 1):
        assert not town.ask(town.market, "isUsed", ann.address, neighbour)
    assert not town.ask(town.market, "isUsed", bob.address, 5)


def test_cancel_all_ends_every_order_of_the_counter_and_frees_the_nonces(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    old = [town.sale(ann, LAND, nonce=nonce) for nonce in (0, 1, 300)]
    buy(town, bob, ann, town.sale(ann, LAND + 1, nonce=300))
    town.send(ann, town.market, "cancelAll")
    assert town.ask(town.market, "counterOf", ann.address) == 1
    for order in old:
        values = refuse(town, "OrderCounterWrong", bob, "buy", ann, order)
        assert values == {"maker": ann.address, "given": 0, "current": 1}
    for number, nonce in enumerate((0, 300)):
        buy(town, bob, ann, town.sale(ann, LAND + 2 + number, nonce=nonce))
    refuse(town, "OrderCounterWrong", bob, "buy", ann, town.sale(ann, LAND + 5, counter=2, nonce=9))


def test_a_far_nonce_is_used_once_too(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    buy(town, bob, ann, town.sale(ann, LAND, nonce=EVERYTHING))
    refuse(town, "OrderUsed", bob, "buy", ann, town.sale(ann, LAND + 1, nonce=EVERYTHING))
    buy(town, bob, ann, town.sale(ann, LAND + 1, nonce=EVERYTHING - 1))


def test_using_a_nonce_leaves_the_others_as_they_are(town: Town) -> None:
    ann = town.person("ann")
    nonces = (0, 7, 191, 192, 200, 447, 448)
    for nonce in nonces:
        town.send(ann, town.market, "cancel", nonce)
    assert [nonce for nonce in range(500) if town.ask(town.market, "isUsed", ann.address, nonce)] == list(
        nonces
    )


def test_a_private_sale_is_for_its_buyer(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    eve = town.rich("eve", town.market)
    order = town.sale(ann, LAND, buyer=bob.address)
    values = refuse(town, "CallerNotMeant", eve, "buy", ann, order)
    assert values == {"caller": eve.address, "meant": bob.address}
    buy(town, bob, ann, order)


def test_a_sale_at_no_price_or_at_more_than_exists_is_refused(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    for price in (0, 2**96, EVERYTHING):
        refuse(town, "PriceOutOfRange", bob, "buy", ann, town.sale(ann, LAND, price=price))


def test_only_the_sellers_signature_over_exactly_this_order_counts(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    order = town.sale(ann, LAND)
    good = town.sign(ann, order)
    forged = {
        "another key": town.sign(bob, order),
        "another price": town.sign(ann, replace(order, price=1)),
        "another market": sign_digest(
            ann, orders.digest(order, replace(town.domain, contract=town.escrow.address))
        ),
        "another chain": sign_digest(ann, orders.digest(order, replace(town.domain, chain_id=1))),
        "cut": good[:64],
        "nothing": b"",
        "high s": _with_high_s(good),
        "another kind": town.sign(
            ann, orders.Offer(*as_tuple(order))  # type: ignore[arg-type]
        ),
    }  # fmt: skip
    for signature in forged.values():
        town.refused("SignatureInvalid", bob, town.market, "buy", as_tuple(order), signature)
    assert town.owner(town.tierra, LAND) == ann.address


def _with_high_s(signature: bytes) -> bytes:
    order = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
    high = order - int.from_bytes(signature[32:64], "big")
    return signature[:32] + high.to_bytes(32, "big") + bytes([55 - signature[64]])


def test_a_sale_of_what_the_seller_no_longer_owns_changes_nothing(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    order = town.sale(ann, LAND)
    town.send(ann, town.tierra, "transferFrom", ann.address, town.till, LAND)
    before = town.balance(bob.address)
    town.refused("ERC721IncorrectOwner", bob, town.market, "buy", as_tuple(order), town.sign(ann, order))
    assert town.balance(bob.address) == before
    assert not town.ask(town.market, "isUsed", ann.address, 0)


def test_a_buyer_without_money_or_allowance_gets_nothing(town: Town, ann: PrivateKey) -> None:
    poor = town.person("poor")
    order = town.sale(ann, LAND)
    refuse(town, "ERC20InsufficientAllowance", poor, "buy", ann, order)
    town.send(poor, town.live, "approve", town.market.address, EVERYTHING)
    refuse(town, "ERC20InsufficientBalance", poor, "buy", ann, order)
    assert town.owner(town.tierra, LAND) == ann.address


def test_the_buyer_may_pay_with_a_permit_in_the_same_transaction(town: Town, ann: PrivateKey) -> None:
    cy = town.rich("cy")
    order = town.sale(ann, LAND)
    permit = town.permit(cy, town.market, order.price, town.now)
    town.send(cy, town.market, "buyWithPermit", as_tuple(order), town.sign(ann, order), permit)
    assert town.owner(town.tierra, LAND) == cy.address
    assert town.ask(town.live, "allowance", cy.address, town.market.address) == 0


def test_a_permit_that_somebody_handed_in_before_still_pays(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    cy = town.rich("cy")
    order = town.sale(ann, LAND)
    permit = town.permit(cy, town.market, order.price, town.now)
    town.send(bob, town.live, "permit", cy.address, town.market.address, *permit)
    town.send(cy, town.market, "buyWithPermit", as_tuple(order), town.sign(ann, order), permit)
    assert town.owner(town.tierra, LAND) == cy.address


def test_a_bad_permit_pays_nothing(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    cy = town.rich("cy")
    order = town.sale(ann, LAND)
    for permit in (
        town.permit(bob, town.market, order.price, town.now),
        town.permit(cy, town.escrow, order.price, town.now),
        town.permit(cy, town.market, order.price, town.now - 1),
    ):
        refuse(town, "ERC20InsufficientAllowance", cy, "buyWithPermit", ann, order, permit)


def test_a_square_of_tierra_is_sold_whole(town: Town, bob: PrivateKey) -> None:
    dee = town.person("dee")
    town.send(
        town.operator, town.tierra, "transferQuad", town.operator.address, dee.address, 2, SQUARE, False
    )
    town.send(dee, town.tierra, "setApprovalForAll", town.market.address, True)
    order = town.sale(dee, SQUARE, level=2, price=64 * LIVE)
    buy(town, bob, dee, order)
    assert town.ask(town.tierra, "balanceOf", bob.address) == 64
    assert {town.owner(town.tierra, SQUARE + each) for each in (0, 31, 63)} == {bob.address}


# ---- royalty and fee


def test_a_resale_of_a_resource_pays_its_creator(town: Town, bob: PrivateKey) -> None:
    maker, cy = town.person("maker"), town.rich("cy", town.market)
    edition = _published(town, maker, 700) + 1
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


def _published(town: Town, maker: PrivateKey, royalty: int) -> int:
    town.send(maker, town.resource, "publish", b"\x07" * 32, 1, 3, royalty)
    town.send(maker, town.resource, "setApprovalForAll", town.market.address, True)
    return int(town.ask(town.resource, "creationOf", maker.address, b"\x07" * 32))


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


# ---- offers


def test_an_offer_is_accepted_by_the_owner_of_the_title(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order = town.offer(bob, LAND, price=2 * LIVE)
    eve = town.landlord("eve", LAND + 100)
    town.refused("ERC721IncorrectOwner", eve, town.market, "accept", as_tuple(order), town.sign(bob, order))
    receipt = town.send(ann, town.market, "accept", as_tuple(order), town.sign(bob, order))
    assert town.owner(town.tierra, LAND) == bob.address
    assert town.balance(ann.address) == 2 * LIVE - fee_of(2 * LIVE)
    (sold,) = town.events(receipt, town.market)
    assert (sold.args["seller"], sold.args["buyer"]) == (ann.address, bob.address)
    town.send(bob, town.tierra, "transferFrom", bob.address, ann.address, LAND)
    refuse(town, "OrderUsed", ann, "accept", bob, order)


def test_an_offer_to_one_seller_or_past_its_expiry_is_not_for_others(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    eve = town.person("eve")
    refuse(town, "CallerNotMeant", ann, "accept", bob, town.offer(bob, LAND, seller=eve.address))
    refuse(town, "SignatureInvalid", ann, "accept", ann, town.offer(bob, LAND))
    refuse(town, "PriceOutOfRange", ann, "accept", bob, town.offer(bob, LAND, price=0))
    order = town.offer(bob, LAND)
    town.now = order.expiry + 1
    refuse(town, "OrderExpired", ann, "accept", bob, order)


# ---- auctions


def bid(town: Town, who: PrivateKey, seller: PrivateKey, order: orders.Auction, amount: int) -> Any:
    return town.send(who, town.market, "bid", as_tuple(order), town.sign(seller, order), amount)


def test_an_auction_holds_the_highest_bid_and_returns_the_others_at_once(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    cy = town.rich("cy", town.market)
    order = town.auction(ann, LAND, reserve=100)
    name = orders.digest(order, town.domain)
    assert town.refused("NoBid", bob, town.market, "settle", as_tuple(order)) == {"order": name}
    refuse(town, "BidTooLow", bob, "bid", ann, order, 99)
    start = town.balance(bob.address)
    bid(town, bob, ann, order, 100)
    assert town.ask(town.market, "bidOf", name) == (bob.address, 100, 0)
    assert refuse(town, "BidTooLow", cy, "bid", ann, order, 104) == {"bid": 104, "least": 105}
    receipt = bid(town, cy, ann, order, 105)
    assert [(event.name, event.args["amount"]) for event in town.events(receipt, town.market)] == [
        ("BidPlaced", 105), ("BidReturned", 100),
    ]  # fmt: skip
    assert (town.balance(bob.address), town.balance(town.market.address)) == (start, 105)
    refuse(town, "BidTooLow", bob, "bid", ann, order, 110)
    bid(town, bob, ann, order, 111)
    assert town.balance(town.market.address) == 111
    values = town.refused("AuctionNotOver", ann, town.market, "settle", as_tuple(order))
    assert values == {"until": order.ends_at}
    town.now = order.ends_at
    town.refused("AuctionNotOver", ann, town.market, "settle", as_tuple(order))
    town.now = order.ends_at + 1
    assert refuse(town, "AuctionEnded", cy, "bid", ann, order, LIVE) == {"endedAt": order.ends_at}
    town.send(cy, town.market, "settle", as_tuple(order))
    assert town.owner(town.tierra, LAND) == bob.address
    assert town.balance(town.market.address) == 0
    assert town.balance(ann.address) == 111 - fee_of(111)
    town.refused("NoBid", cy, town.market, "settle", as_tuple(order))
    town.refused("NoBid", cy, town.market, "returnBid", as_tuple(order))


def test_a_settled_auction_cannot_be_opened_again(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order = town.auction(ann, LAND, ends_at=START + 10)
    bid(town, bob, ann, order, LIVE)
    town.now = START + 10 + 10 * 60 + 1
    town.send(bob, town.market, "settle", as_tuple(order))
    town.send(bob, town.tierra, "transferFrom", bob.address, ann.address, LAND)
    refuse(town, "AuctionEnded", bob, "bid", ann, order, LIVE)
    again = town.auction(ann, LAND, ends_at=town.now + DAY)
    refuse(town, "OrderUsed", bob, "bid", ann, again, LIVE)


def test_a_late_bid_moves_the_end(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order = town.auction(ann, LAND)
    name = orders.digest(order, town.domain)
    town.now = order.ends_at - 10 * 60
    bid(town, bob, ann, order, LIVE)
    assert town.ask(town.market, "bidOf", name)[2] == 0
    town.now = order.ends_at
    bid(town, bob, ann, order, 2 * LIVE)
    end = order.ends_at + 10 * 60
    assert town.ask(town.market, "bidOf", name)[2] == end
    town.now = end
    bid(town, bob, ann, order, 3 * LIVE)
    town.now = end + 10 * 60
    town.refused("AuctionNotOver", ann, town.market, "settle", as_tuple(order))
    town.now += 1
    town.send(ann, town.market, "settle", as_tuple(order))


def test_an_auction_opens_between_its_start_and_its_end_with_the_sellers_signature(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    refuse(town, "SignatureInvalid", bob, "bid", bob, town.auction(ann, LAND), LIVE)
    refuse(town, "PriceOutOfRange", bob, "bid", ann, town.auction(ann, LAND, reserve=0), LIVE)
    late = town.auction(ann, LAND, starts_at=town.now + 10)
    refuse(town, "AuctionNotStarted", bob, "bid", ann, late, LIVE)
    longest = town.ask(town.market, "MAX_AUCTION")
    refuse(
        town, "AuctionTooLong", bob, "bid", ann, town.auction(ann, LAND, ends_at=town.now + longest + 9), LIVE
    )
    refuse(town, "AuctionTooLong", bob, "bid", ann, town.auction(ann, LAND, ends_at=EVERYTHING), LIVE)
    refuse(town, "SafeCastOverflowedUintDowncast", bob, "bid", ann, town.auction(ann, LAND), 2**96)
    town.send(ann, town.market, "cancel", 0)
    refuse(town, "OrderUsed", bob, "bid", ann, town.auction(ann, LAND), LIVE)
    town.now += 10
    bid(town, bob, ann, replace(late, nonce=1), LIVE)
    town.refused("OrderUsed", ann, town.market, "cancel", 1)


def test_cancel_all_leaves_an_auction_with_a_bid_alone(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order = town.auction(ann, LAND)
    bid(town, bob, ann, order, LIVE)
    town.send(ann, town.market, "cancelAll")
    bid(town, bob, ann, order, 2 * LIVE)
    town.now = order.ends_at + 1
    town.send(ann, town.market, "settle", as_tuple(order))
    assert town.owner(town.tierra, LAND) == bob.address


def test_a_bid_on_what_the_seller_cannot_give_any_more_comes_back(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    order = town.auction(ann, LAND)
    start = town.balance(bob.address)
    bid(town, bob, ann, order, LIVE)
    town.send(ann, town.tierra, "transferFrom", ann.address, town.till, LAND)
    town.now = order.ends_at + 1
    town.refused("ERC721IncorrectOwner", bob, town.market, "settle", as_tuple(order))
    grace = order.ends_at + town.ask(town.market, "SETTLE_WITHIN")
    town.now = grace
    assert town.refused("AuctionNotOver", bob, town.market, "returnBid", as_tuple(order)) == {"until": grace}
    town.now = grace + 1
    town.send(town.operator, town.market, "pauseNewBusiness", True)
    town.send(ann, town.market, "returnBid", as_tuple(order))
    assert (town.balance(bob.address), town.balance(town.market.address)) == (start, 0)
    town.refused("NoBid", bob, town.market, "returnBid", as_tuple(order))


def test_a_bid_is_paid_with_a_permit(town: Town, ann: PrivateKey) -> None:
    cy = town.rich("cy")
    order = town.auction(ann, LAND)
    permit = town.permit(cy, town.market, LIVE, town.now)
    town.send(cy, town.market, "bidWithPermit", as_tuple(order), town.sign(ann, order), LIVE, permit)
    assert town.balance(town.market.address) == LIVE


def test_an_auction_of_a_resource_pays_its_creator(town: Town, bob: PrivateKey) -> None:
    maker = town.person("maker")
    edition = _published(town, maker, 1_000) + 2
    town.send(maker, town.resource, "transferFrom", maker.address, bob.address, edition)
    town.send(bob, town.resource, "setApprovalForAll", town.market.address, True)
    order = town.auction(bob, edition, collection=town.resource.address)
    cy = town.rich("cy", town.market)
    bid(town, cy, bob, order, 10 * LIVE)
    town.now = order.ends_at + 1
    before = town.balance(bob.address)
    town.send(cy, town.market, "settle", as_tuple(order))
    assert town.balance(maker.address) == LIVE
    assert town.balance(bob.address) == before + 9 * LIVE - fee_of(10 * LIVE)
    assert town.balance(town.market.address) == 0


# ---- rents


def test_a_rent_is_one_transaction_and_ends_by_itself(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order = town.lease(ann, LAND)
    receipt = town.send(bob, town.market, "rent", as_tuple(order), town.sign(ann, order), 7)
    price, expires = 7 * order.price_per_day, town.now + 7 * DAY
    assert town.ask(town.tierra, "userOf", LAND) == bob.address
    assert town.ask(town.tierra, "userExpires", LAND) == expires
    assert town.owner(town.tierra, LAND) == ann.address
    assert town.balance(ann.address) == price - fee_of(price)
    assert town.balance(town.till) == fee_of(price)
    (rented,) = town.events(receipt, town.market)
    assert (rented.name, *rented.args.values()) == (
        "RentedOut", orders.digest(order, town.domain), ann.address, bob.address,
        town.tierra.address, 0, LAND, expires, price, fee_of(price),
    )  # fmt: skip
    refuse(town, "OrderUsed", bob, "rent", ann, order, 7)
    town.now = expires + 1
    town.send(town.operator, town.tierra, "transferFrom", town.operator.address, bob.address, 0)
    assert town.ask(town.tierra, "userOf", LAND) == "0x" + "00" * 20


def test_a_square_is_rented_whole(town: Town, bob: PrivateKey) -> None:
    dee = town.person("dee")
    town.send(
        town.operator, town.tierra, "transferQuad", town.operator.address, dee.address, 1, SQUARE, False
    )
    town.send(dee, town.tierra, "setApprovalForAll", town.market.address, True)
    order = town.lease(dee, SQUARE, level=1)
    town.send(bob, town.market, "rent", as_tuple(order), town.sign(dee, order), 3)
    assert {town.ask(town.tierra, "userOf", SQUARE + each) for each in (0, 15)} == {bob.address}


def test_nobody_rents_out_the_land_of_another_who_trusts_the_market(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    eve = town.person("eve")
    order = town.lease(eve, LAND)
    values = refuse(town, "LandlordNotOwner", bob, "rent", eve, order, 7)
    assert values == {"landlord": eve.address, "owner": ann.address}
    refuse(town, "LandlordNotOwner", bob, "rent", eve, town.lease(eve, LAND, level=1), 7)


def test_limits_of_a_lease(town: Town, ann: PrivateKey, bob: PrivateKey) -> None:
    order = town.lease(ann, LAND, min_days=2, max_days=5)
    for days in (0, 1, 6):
        values = refuse(town, "DaysOutOfRange", bob, "rent", ann, order, days)
        assert values == {"count": days, "minDays": 2, "maxDays": 5}
    refuse(town, "DaysOutOfRange", bob, "rent", ann, town.lease(ann, LAND, min_days=0), 0)
    refuse(town, "PriceOutOfRange", bob, "rent", ann, town.lease(ann, LAND, price_per_day=0), 2)
    forever = town.lease(ann, LAND, price_per_day=1, max_days=EVERYTHING)
    refuse(town, "SafeCastOverflowedUintDowncast", bob, "rent", ann, forever, 2**60)
    refuse(town, "CallerNotMeant", bob, "rent", ann, replace(order, tenant=ann.address), 2)
    refuse(town, "SignatureInvalid", bob, "rent", bob, order, 2)
    town.now = order.expiry + 1
    refuse(town, "OrderExpired", bob, "rent", ann, order, 2)
    assert town.ask(town.tierra, "userOf", LAND) == "0x" + "00" * 20


def test_a_running_rent_is_not_rented_over_and_survives_a_sale(
    town: Town, ann: PrivateKey, bob: PrivateKey
) -> None:
    cy = town.rich("cy", town.market)
    order = town.lease(ann, LAND)
    town.send(bob, town.market, "rent", as_tuple(order), town.sign(ann, order), 7)
    refuse(town, "RentRunning", cy, "rent", ann, replace(order, nonce=1), 7)
    buy(town, cy, ann, town.sale(ann, LAND, nonce=2))
    assert town.owner(town.tierra, LAND) == cy.address
    assert town.ask(town.tierra, "userOf", LAND) == bob.address


def test_a_rent_is_paid_with_a_permit(town: Town, ann: PrivateKey) -> None:
    cy = town.rich("cy")
    order = town.lease(ann, LAND)
    permit = town.permit(cy, town.market, 2 * order.price_per_day, town.now)
    town.send(cy, town.market, "rentWithPermit", as_tuple(order), town.sign(ann, order), 2, permit)
    assert town.ask(town.tierra, "userOf", LAND) == cy.address


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
