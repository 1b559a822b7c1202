"""What tests of the market share: where the land lies, and orders signed and sent in one step."""

from __future__ import annotations

from typing import Any

from contracts import orders
from contracts.keys import PrivateKey
from contracts.orders import as_tuple
from tests.contracts.trade import FEE_BPS, Town

LAND = 3 << 10
SQUARE = 4 << 10


def fee_of(price: int) -> int:
    """What the market keeps of a price, in wei."""
    return price * FEE_BPS // 10_000


def buy(town: Town, buyer: PrivateKey, seller: PrivateKey, order: orders.Sale) -> Any:
    """Fills a signed sale; the receipt."""
    return town.send(buyer, town.market, "buy", as_tuple(order), town.sign(seller, order))


def refuse(
    town: Town, error: str, caller: PrivateKey, verb: str, signer: PrivateKey, order: Any, *more: Any
) -> Any:
    """Expects that `verb` refuses an order with a custom error; the error's values."""
    return town.refused(error, caller, town.market, verb, as_tuple(order), town.sign(signer, order), *more)


def bid(town: Town, who: PrivateKey, seller: PrivateKey, order: orders.Auction, amount: int) -> Any:
    """Bids in a signed auction; the receipt."""
    return town.send(who, town.market, "bid", as_tuple(order), town.sign(seller, order), amount)


def published(town: Town, maker: PrivateKey, royalty: int) -> int:
    """Publishes a creation of 3 editions with `royalty` in hundredths of a percent; its id."""
    town.send(maker, town.resource, "publish", b"\x07" * 32, 1, 3, royalty)
    town.send(maker, town.resource, "setApprovalForAll", town.market.address, True)
    return int(town.ask(town.resource, "creationOf", maker.address, b"\x07" * 32))
