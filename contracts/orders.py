"""Orders of the Market as data: what a maker signs (EIP-712), and the digest that names the order on chain.

The types are those that `src/Market.sol` states. Prices are int in wei of LIVE, times int in seconds UTC (inclusive),
addresses EIP-55 strings. `level` 0 is a single title; 1 to 4 is a square of 4, 8, 16 or 32 Tierra a side whose first
id is `id`. The account an order may be reserved for (`buyer` of a Sale, `seller` of an Offer, `tenant` of a Lease) is
ZERO_ADDRESS for anybody. An order counts while the maker's `counterOf` on the Market is `counter`, and once for each
`nonce`; nonces below CHEAP_NONCES cost the least gas.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from contracts.address import checked_address
from contracts.typed import Domain, Typed

CHEAP_NONCES: Final = 192
"""Nonces that share a storage word with the counter."""

_TITLE: Final = (("collection", "address"), ("level", "uint256"), ("id", "uint256"))
_ONCE: Final = (("counter", "uint256"), ("nonce", "uint256"))
_TRADE: Final = (*_TITLE, ("price", "uint256"), ("expiry", "uint256"), *_ONCE)

TYPES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "Sale": (("seller", "address"), ("buyer", "address"), *_TRADE),
    "Offer": (("buyer", "address"), ("seller", "address"), *_TRADE),
    "Auction": (
        ("seller", "address"),
        *_TITLE,
        ("reserve", "uint256"),
        ("startsAt", "uint256"),
        ("endsAt", "uint256"),
        *_ONCE,
    ),
    "Lease": (
        ("landlord", "address"),
        ("tenant", "address"),
        *_TITLE,
        ("pricePerDay", "uint256"),
        ("minDays", "uint256"),
        ("maxDays", "uint256"),
        ("expiry", "uint256"),
        *_ONCE,
    ),
}
"""The EIP-712 struct of each kind of order."""


@dataclass(frozen=True, slots=True)
class Sale:
    """The seller gives the title for `price`. The seller signs, the buyer calls `buy`."""

    seller: str
    buyer: str
    collection: str
    level: int
    id: int
    price: int
    expiry: int
    counter: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Offer:
    """The buyer pays `price` for the title. The buyer signs, the owner calls `accept`."""

    buyer: str
    seller: str
    collection: str
    level: int
    id: int
    price: int
    expiry: int
    counter: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Auction:
    """The seller gives the title to the highest bid of `reserve` or more. The seller signs, bidders call `bid`."""

    seller: str
    collection: str
    level: int
    id: int
    reserve: int
    starts_at: int
    ends_at: int
    counter: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Lease:
    """The landlord rents the title out for `min_days` to `max_days`. The landlord signs, the tenant calls `rent`."""

    landlord: str
    tenant: str
    collection: str
    level: int
    id: int
    price_per_day: int
    min_days: int
    max_days: int
    expiry: int
    counter: int
    nonce: int


Order = Sale | Offer | Auction | Lease


def market_domain(chain_id: int, market: str) -> Domain:
    """Where an order counts: one Market of one chain. Raises ChainError `chain.bad_address`."""
    return Domain("Mall Market", "1", chain_id, checked_address(market))


def as_tuple(order: Order) -> tuple[str | int, ...]:
    """The order as the Market's functions take it."""
    return tuple(asdict(order).values())


def typed(order: Order, domain: Domain) -> Typed:
    """What the maker signs."""
    primary = type(order).__name__
    names = (name for name, _ in TYPES[primary])
    return Typed(domain, {primary: TYPES[primary]}, primary, dict(zip(names, as_tuple(order), strict=True)))


def digest(order: Order, domain: Domain) -> bytes:
    """The 32 bytes that the maker signs; the events of the Market name the order by them. Raises ChainError
    `typed.bad_value` when a value does not fit its type."""
    return typed(order, domain).digest


def maker(order: Order) -> str:
    """The account that signs the order."""
    match order:
        case Sale(seller=account) | Offer(buyer=account) | Auction(seller=account) | Lease(landlord=account):
            return account
