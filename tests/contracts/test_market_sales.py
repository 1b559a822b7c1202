"""Market: sales and offers are filled once, by whom they are meant for."""

from __future__ import annotations

from dataclasses import replace

from contracts import orders
from contracts.keys import PrivateKey
from contracts.orders import as_tuple
from contracts.typed import sign_digest
from tests.contracts.market import LAND, SQUARE, buy, fee_of, refuse
from tests.contracts.trade import EVERYTHING, LIVE, Town


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
