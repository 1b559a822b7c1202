"""Market: a rent is paid and given in one transaction, by the owner's order only, within its limits."""

from __future__ import annotations

from dataclasses import replace

from contracts import orders
from contracts.keys import PrivateKey
from contracts.orders import as_tuple
from tests.contracts.market import LAND, SQUARE, buy, fee_of, refuse
from tests.contracts.trade import DAY, EVERYTHING, Town


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
