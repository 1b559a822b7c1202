"""Market: an auction holds the highest bid, returns the others at once, and ends in a sale or a refund."""

from __future__ import annotations

from dataclasses import replace

from contracts import orders
from contracts.keys import PrivateKey
from contracts.orders import as_tuple
from tests.contracts.market import LAND, bid, fee_of, published, refuse
from tests.contracts.trade import DAY, EVERYTHING, LIVE, START, Town


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
    edition = published(town, maker, 1_000) + 2
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
