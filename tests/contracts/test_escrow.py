"""Escrow: the money of an order line goes to the merchant or back to the buyer, once, and never stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from contracts.abi import encode
from contracts.address import keccak256
from contracts.keys import PrivateKey
from tests.contracts.trade import DAY, FEE_BPS, LIVE, Town

SPEC = b"\x5b" * 32
DIGEST = b"\xd1" * 32
NONE, OPEN, DISPUTED, PAID, REFUNDED = range(5)


@dataclass
class Shop:
    """A town with a buyer who trusts the escrow and a merchant with an empty purse."""

    town: Town
    buyer: PrivateKey
    merchant: PrivateKey

    def line(self, nonce: int, amount: int = LIVE, **changes: Any) -> tuple[Any, ...]:
        values = {
            "merchant": self.merchant.address,
            "amount": amount,
            "deadline": self.town.now + 5 * DAY,
            "spec": SPEC,
            "nonce": nonce,
        }
        return tuple({**values, **changes}.values())

    def deal(self, nonce: int) -> tuple[Any, ...]:
        return self.buyer.address, self.merchant.address, SPEC, nonce

    def id(self, nonce: int) -> bytes:
        return keccak256(encode(("address", "address", "bytes32", "uint256"), self.deal(nonce), "deal"))

    def open(self, *lines: tuple[Any, ...]) -> Any:
        return self.town.send(self.buyer, self.town.escrow, "create", list(lines))

    def status(self, nonce: int) -> Any:
        return self.town.ask(self.town.escrow, "statusOf", self.id(nonce))

    def state(self, nonce: int) -> int:
        return int(self.status(nonce)[3])

    def do(self, who: PrivateKey, verb: str, nonce: int, *more: Any) -> Any:
        return self.town.send(who, self.town.escrow, verb, self.deal(nonce), *more)

    def refuse(self, error: str, who: PrivateKey, verb: str, nonce: int, *more: Any) -> dict[str, object]:
        return self.town.refused(error, who, self.town.escrow, verb, self.deal(nonce), *more)

    def held(self) -> int:
        return self.town.balance(self.town.escrow.address)


@pytest.fixture
def shop() -> Shop:
    town = Town()
    return Shop(town, town.rich("buyer", town.escrow), town.person("merchant"))


def fee_of(amount: int) -> int:
    return amount * FEE_BPS // 10_000


# ---- opening


def test_a_cart_is_paid_in_by_one_transfer(shop: Shop) -> None:
    start = shop.town.balance(shop.buyer.address)
    receipt = shop.open(shop.line(1, 5), shop.line(2, 7), shop.line(3, 11))
    assert (shop.held(), shop.town.balance(shop.buyer.address)) == (23, start - 23)
    assert len(shop.town.events(receipt, shop.town.live)) == 1
    told = [(event.name, *event.args.values()) for event in shop.town.events(receipt, shop.town.escrow)]
    deadline = shop.town.now + 5 * DAY
    assert told == [
        ("LineOpened", shop.id(nonce), *shop.deal(nonce)[:2], amount, deadline, SPEC, nonce, FEE_BPS)
        for nonce, amount in ((1, 5), (2, 7), (3, 11))
    ]
    assert shop.status(2) == (7, deadline, FEE_BPS, OPEN, False, False, False, False)


def test_a_cart_is_paid_with_one_permit(shop: Shop) -> None:
    cy = shop.town.rich("cy")
    permit = shop.town.permit(cy, shop.town.escrow, 12, shop.town.now)
    cart = [shop.line(1, 5), shop.line(2, 7)]
    shop.town.refused(
        "ERC20InsufficientAllowance",
        cy,
        shop.town.escrow,
        "createWithPermit",
        [shop.line(1, 5), shop.line(2, 8)],
        permit,
    )
    shop.town.send(cy, shop.town.escrow, "createWithPermit", cart, permit)
    assert shop.held() == 12


def test_a_line_is_opened_once(shop: Shop) -> None:
    shop.open(shop.line(1))
    again = [shop.line(1, 2 * LIVE)]
    assert shop.town.refused("LineOpenedBefore", shop.buyer, shop.town.escrow, "create", again) == {
        "id": shop.id(1)
    }
    shop.town.refused("LineOpenedBefore", shop.buyer, shop.town.escrow, "create", [shop.line(2)] * 2)
    shop.do(shop.buyer, "confirm", 1)
    shop.town.refused("LineOpenedBefore", shop.buyer, shop.town.escrow, "create", again)


def test_limits_of_a_line(shop: Shop) -> None:
    town = shop.town
    latest = town.now + town.ask(town.escrow, "MAX_DELIVERY")
    for error, changes in (
        ("MerchantInvalid", {"merchant": "0x" + "00" * 20}),
        ("MerchantInvalid", {"merchant": shop.buyer.address}),
        ("MerchantInvalid", {"merchant": town.escrow.address}),
        ("AmountOutOfRange", {"amount": 0}),
        ("AmountOutOfRange", {"amount": 2**96}),
        ("DeadlineOutOfRange", {"deadline": town.now - 1}),
        ("DeadlineOutOfRange", {"deadline": latest + 10}),
        ("DeadlineOutOfRange", {"deadline": 2**40 + latest}),
    ):
        town.refused(error, shop.buyer, town.escrow, "create", [shop.line(1, **changes)])
    town.refused("CartEmpty", shop.buyer, town.escrow, "create", [])
    shop.open(shop.line(1, deadline=latest), shop.line(2, deadline=town.now))
    stranger = town.person("stranger")
    town.refused("ERC20InsufficientAllowance", stranger, town.escrow, "create", [shop.line(3)])


# ---- the good way


def test_confirming_pays_the_merchant_less_the_fee_and_the_fee_waits(shop: Shop) -> None:
    town = shop.town
    amount = LIVE + 77
    shop.open(shop.line(1, amount))
    receipt = shop.do(shop.merchant, "ship", 1, DIGEST)
    (shipped,) = town.events(receipt, town.escrow)
    assert (shipped.name, *shipped.args.values()) == ("LineShipped", shop.id(1), DIGEST)
    receipt = shop.do(shop.buyer, "confirm", 1)
    (paid,) = town.events(receipt, town.escrow)
    assert (paid.name, *paid.args.values()) == (
        "LinePaid", shop.id(1), amount - fee_of(amount), fee_of(amount),
    )  # fmt: skip
    assert town.balance(shop.merchant.address) == amount - fee_of(amount)
    assert (shop.held(), town.balance(town.till)) == (fee_of(amount), 0)
    town.send(shop.buyer, town.escrow, "collectFees", [shop.id(1), shop.id(1)])
    assert (shop.held(), town.balance(town.till)) == (0, fee_of(amount))
    town.send(shop.buyer, town.escrow, "collectFees", [shop.id(1)])
    assert town.balance(town.till) == fee_of(amount)


def test_only_fees_of_paid_lines_are_collected(shop: Shop) -> None:
    shop.open(*(shop.line(nonce) for nonce in range(4)))
    shop.do(shop.buyer, "dispute", 1, DIGEST)
    shop.do(shop.merchant, "refund", 2)
    shop.do(shop.buyer, "confirm", 3)
    receipt = shop.town.send(
        shop.buyer, shop.town.escrow, "collectFees", [shop.id(each) for each in range(9)]
    )
    (collected,) = shop.town.events(receipt, shop.town.escrow)
    assert collected.args == {"receiver": shop.town.till, "total": fee_of(LIVE)}
    assert shop.held() == 2 * LIVE


def test_the_fee_is_the_one_at_opening(shop: Shop) -> None:
    town = shop.town
    shop.open(shop.line(1))
    town.send(town.operator, town.escrow, "setFee", 500, town.till)
    shop.open(shop.line(2))
    shop.do(shop.buyer, "confirm", 1)
    assert town.balance(shop.merchant.address) == LIVE - fee_of(LIVE)
    shop.do(shop.buyer, "confirm", 2)
    assert town.balance(shop.merchant.address) == 2 * LIVE - fee_of(LIVE) - LIVE // 20
    town.refused("FeeTooHigh", town.operator, town.escrow, "setFee", 501, town.till)


def test_only_the_parties_act_and_each_in_its_part(shop: Shop) -> None:
    eve = shop.town.person("eve")
    shop.open(shop.line(1))
    for who in (eve, shop.merchant, shop.town.arbiter, shop.town.operator):
        shop.refuse("CallerNotParty", who, "confirm", 1)
    for who in (eve, shop.buyer, shop.town.operator):
        shop.refuse("CallerNotParty", who, "ship", 1, DIGEST)
    for who in (eve, shop.buyer, shop.town.operator):
        shop.refuse("TooEarly", who, "refund", 1)
    for who in (eve, shop.town.operator, shop.town.arbiter):
        shop.refuse("CallerNotParty", who, "dispute", 1, DIGEST)
    shop.do(shop.merchant, "ship", 1, DIGEST)
    shop.refuse("LineShippedBefore", shop.merchant, "ship", 1, DIGEST)


def test_another_deal_is_another_line(shop: Shop) -> None:
    shop.open(shop.line(1))
    eve = shop.town.person("eve")
    for deal in (
        (shop.buyer.address, eve.address, SPEC, 1),
        (eve.address, shop.merchant.address, SPEC, 1),
        (shop.buyer.address, shop.merchant.address, DIGEST, 1),
        (shop.buyer.address, shop.merchant.address, SPEC, 2),
    ):
        for who in (shop.buyer, shop.merchant, eve):
            shop.town.refused("LineNotFit", who, shop.town.escrow, "refund", deal)


# ---- refunds


def test_past_the_deadline_anybody_sends_the_money_back(shop: Shop) -> None:
    town = shop.town
    eve = town.person("eve")
    start = town.balance(shop.buyer.address)
    shop.open(shop.line(1))
    shop.do(shop.merchant, "ship", 1, DIGEST)
    deadline = shop.status(1)[1]
    town.now = deadline
    assert shop.refuse("TooEarly", eve, "refund", 1) == {"id": shop.id(1), "until": deadline}
    town.now = deadline + 1
    receipt = shop.do(eve, "refund", 1)
    (refunded,) = town.events(receipt, town.escrow)
    assert (refunded.name, *refunded.args.values()) == ("LineRefunded", shop.id(1), LIVE)
    assert (town.balance(shop.buyer.address), town.balance(eve.address), shop.held()) == (start, 0, 0)


def test_the_merchant_gives_back_at_any_time(shop: Shop) -> None:
    start = shop.town.balance(shop.buyer.address)
    shop.open(shop.line(1), shop.line(2))
    shop.do(shop.merchant, "refund", 1)
    shop.do(shop.buyer, "dispute", 2, DIGEST)
    shop.do(shop.merchant, "refund", 2)
    assert (shop.town.balance(shop.buyer.address), shop.held()) == (start, 0)


def test_a_buyer_may_confirm_late_while_the_money_is_still_there(shop: Shop) -> None:
    shop.open(shop.line(1))
    shop.town.now += 6 * DAY
    shop.do(shop.buyer, "confirm", 1)
    assert shop.state(1) == PAID


def test_an_ended_line_ends_once(shop: Shop) -> None:
    for nonce, (who, end) in enumerate(
        [(shop.buyer, "confirm"), (shop.merchant, "refund"), (shop.town.arbiter, "resolve")]
    ):
        shop.open(shop.line(nonce))
        if end == "resolve":
            shop.do(shop.buyer, "dispute", nonce, DIGEST)
            shop.do(who, end, nonce, LIVE // 2, DIGEST)
        else:
            shop.do(who, end, nonce)
        held = shop.held()
        shop.refuse("LineNotFit", shop.buyer, "confirm", nonce)
        shop.refuse("LineNotFit", shop.merchant, "refund", nonce)
        shop.refuse("LineNotFit", shop.merchant, "ship", nonce, DIGEST)
        shop.refuse("LineNotFit", shop.buyer, "dispute", nonce, DIGEST)
        shop.refuse("LineNotFit", shop.town.arbiter, "resolve", nonce, LIVE, DIGEST)
        assert shop.held() == held


# ---- disputes


@pytest.mark.parametrize("share", [0, 1, LIVE // 3, LIVE])
def test_the_arbiter_divides_the_money(shop: Shop, share: int) -> None:
    town = shop.town
    start = town.balance(shop.buyer.address)
    shop.open(shop.line(1))
    receipt = shop.do(shop.merchant, "dispute", 1, DIGEST)
    until = town.now + town.ask(town.escrow, "RESOLVE_WITHIN")
    (disputed,) = town.events(receipt, town.escrow)
    assert (disputed.name, *disputed.args.values()) == (
        "LineDisputed", shop.id(1), shop.merchant.address, DIGEST, until,
    )  # fmt: skip
    for who in (shop.buyer, shop.merchant, town.operator):
        shop.refuse("CallerNotArbiter", who, "resolve", 1, share, DIGEST)
    shop.refuse("VerdictTooLarge", town.arbiter, "resolve", 1, LIVE + 1, DIGEST)
    town.now = until
    shop.do(town.arbiter, "resolve", 1, share, DIGEST)
    assert town.balance(shop.merchant.address) == share - fee_of(share)
    assert town.balance(shop.buyer.address) == start - share
    assert shop.held() == fee_of(share)
    assert shop.state(1) == (PAID if share else REFUNDED)
    town.send(town.operator, town.escrow, "collectFees", [shop.id(1)])
    assert (shop.held(), town.balance(town.till)) == (0, fee_of(share))


def test_without_a_verdict_in_time_the_money_goes_back(shop: Shop) -> None:
    town = shop.town
    start = town.balance(shop.buyer.address)
    shop.open(shop.line(1))
    shop.do(shop.merchant, "dispute", 1, DIGEST)
    until = shop.status(1)[1]
    town.now = until
    shop.refuse("TooEarly", shop.buyer, "refund", 1)
    town.now = until + 1
    assert shop.refuse("TooLate", town.arbiter, "resolve", 1, LIVE, DIGEST) == {
        "id": shop.id(1),
        "until": until,
    }
    shop.do(town.person("eve"), "refund", 1)
    assert (town.balance(shop.buyer.address), shop.held()) == (start, 0)


def test_a_dispute_is_opened_until_the_deadline_and_once(shop: Shop) -> None:
    shop.open(shop.line(1), shop.line(2))
    shop.refuse("LineNotFit", shop.town.arbiter, "resolve", 1, LIVE, DIGEST)
    shop.town.now = shop.status(1)[1]
    shop.do(shop.buyer, "dispute", 1, DIGEST)
    shop.refuse("LineNotFit", shop.merchant, "dispute", 1, DIGEST)
    shop.do(shop.merchant, "ship", 1, DIGEST)
    shop.town.now += 1
    shop.refuse("TooLate", shop.merchant, "dispute", 2, DIGEST)


def test_a_buyer_may_end_a_dispute_by_confirming(shop: Shop) -> None:
    shop.open(shop.line(1))
    shop.do(shop.buyer, "dispute", 1, DIGEST)
    shop.do(shop.buyer, "confirm", 1)
    assert shop.town.balance(shop.merchant.address) == LIVE - fee_of(LIVE)


def test_the_owner_appoints_the_arbiter(shop: Shop) -> None:
    town = shop.town
    eve = town.person("eve")
    shop.open(shop.line(1))
    shop.do(shop.buyer, "dispute", 1, DIGEST)
    town.refused("OwnableUnauthorizedAccount", eve, town.escrow, "appointArbiter", eve.address)
    receipt = town.send(town.operator, town.escrow, "appointArbiter", eve.address)
    assert town.events(receipt, town.escrow)[0].args == {"arbiter": eve.address}
    shop.refuse("CallerNotArbiter", town.arbiter, "resolve", 1, LIVE, DIGEST)
    shop.do(eve, "resolve", 1, LIVE, DIGEST)


# ---- reviews


def test_each_side_of_a_paid_line_reviews_once(shop: Shop) -> None:
    shop.open(shop.line(1))
    shop.refuse("LineNotFit", shop.buyer, "review", 1, DIGEST)
    shop.do(shop.buyer, "confirm", 1)
    for who, subject in ((shop.merchant, shop.buyer), (shop.buyer, shop.merchant)):
        (told,) = shop.town.events(shop.do(who, "review", 1, DIGEST), shop.town.escrow)
        assert (told.name, *told.args.values()) == (
            "LineReviewed", shop.id(1), who.address, subject.address, DIGEST,
        )  # fmt: skip
        assert shop.refuse("ReviewedBefore", who, "review", 1, DIGEST) == {
            "id": shop.id(1),
            "author": who.address,
        }
    for who in (shop.town.person("eve"), shop.town.arbiter, shop.town.operator):
        shop.refuse("CallerNotParty", who, "review", 1, DIGEST)
    assert shop.status(1)[3:] == (PAID, False, True, True, False)


def test_who_was_refunded_does_not_review(shop: Shop) -> None:
    shop.open(shop.line(1), shop.line(2))
    shop.do(shop.merchant, "refund", 1)
    shop.do(shop.buyer, "dispute", 2, DIGEST)
    shop.refuse("LineNotFit", shop.buyer, "review", 2, DIGEST)
    for who in (shop.buyer, shop.merchant):
        shop.refuse("LineNotFit", who, "review", 1, DIGEST)
        shop.refuse("LineNotFit", who, "review", 99, DIGEST)


# ---- pause


def test_a_pause_stops_new_lines_and_nothing_else(shop: Shop) -> None:
    town = shop.town
    shop.open(*(shop.line(nonce) for nonce in range(4)))
    town.send(town.operator, town.escrow, "pauseNewBusiness", True)
    town.refused("NewBusinessIsPaused", shop.buyer, town.escrow, "create", [shop.line(9)])
    shop.do(shop.merchant, "ship", 0, DIGEST)
    shop.do(shop.buyer, "confirm", 0)
    shop.do(shop.merchant, "refund", 1)
    shop.do(shop.buyer, "dispute", 2, DIGEST)
    shop.do(town.arbiter, "resolve", 2, LIVE, DIGEST)
    shop.do(shop.buyer, "review", 0, DIGEST)
    town.send(shop.buyer, town.escrow, "collectFees", [shop.id(0), shop.id(2)])
    town.now += 6 * DAY
    shop.do(shop.buyer, "refund", 3)
    assert shop.held() == 0
