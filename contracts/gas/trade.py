"""What trade costs: sales, rents, bids, order lines, creations and digests. BUYER sells here, OPERATOR buys."""

from __future__ import annotations

from contracts import orders
from contracts.address import ZERO_ADDRESS, keccak256
from contracts.bindings import Contract
from contracts.gas.bench import BUYER, CREATOR, LATER, LIVE, OPERATOR, UNLIMITED, Bench, Table, share
from contracts.typed import sign_digest

DELIVERY = 1_801_728_000
"""A deadline (seconds UTC), twenty days after the chain's clock of the table."""
_ORDERS, _SIGNS = 40 << 10, 41 << 10
_ROYALTY_BPS = 500


def trade(bench: Bench) -> Table:
    """Market, then escrow, then creations and digests. Everybody has LIVE and has traded before."""
    for holder in (BUYER.address, CREATOR.address, bench.till):
        bench.use("LiveToken", "transfer", holder, 10 * LIVE)
    for spender in (bench.market, bench.escrow):
        bench.use("LiveToken", "approve", spender.address, UNLIMITED)
    return {**_creations(bench), **_market(bench), **_escrow(bench), **_digests(bench)}


def _creations(bench: Bench) -> Table:
    table: Table = {}
    for number, label in enumerate(("first creation published", "creation published, of 10 editions")):
        content = keccak256(b"creation %d" % number)
        table[label] = bench.ask(bench.resource, "publish", content, 0, 10, _ROYALTY_BPS, key=CREATOR)
    return table


def _market(bench: Bench) -> Table:
    tierra = bench.deployed.tierra
    bench.use(
        "Tierra", "batchTransferFrom", OPERATOR.address, BUYER.address, list(range(_ORDERS, _ORDERS + 12))
    )
    bench.use("Tierra", "transferQuad", OPERATOR.address, BUYER.address, 4, _SIGNS, False)
    first = int(bench.resource.call(bench.chain, "creationOf", CREATOR.address, keccak256(b"creation 0")))
    for edition in (1, 2, 3):
        bench.ask(
            bench.resource, "transferFrom", CREATOR.address, BUYER.address, first + edition, key=CREATOR
        )
    for collection in (tierra, bench.resource):
        bench.ask(collection, "setApprovalForAll", bench.market.address, True, key=BUYER)
    # its word of rent is not empty, and the rent is over
    bench.ask(tierra, "setUser", _ORDERS + 4, CREATOR.address, 1, key=BUYER)
    table = {
        "sale of a Tierra for LIVE, with fee, the seller's first": _buy(bench, tierra, _ORDERS, 0),
        "sale of a Tierra for LIVE, with fee": _buy(bench, tierra, _ORDERS + 1, 1),
        "sale of a Resource for LIVE, with fee and royalty": _buy(bench, bench.resource, first + 1, 2),
        "rent of a Tierra for LIVE, whole cycle": _rent(bench, 0, _ORDERS + 2, 3),
        "rent of a Tierra rented before for LIVE, whole cycle": _rent(bench, 0, _ORDERS + 4, 6),
        "rent of 32 x 32 Tierra for LIVE, whole cycle": _rent(bench, 4, _SIGNS, 4),
    }
    auction = orders.Auction(BUYER.address, tierra.address, 0, _ORDERS + 3, LIVE, 1, DELIVERY, 0, 5)
    for label, amount in (("first", LIVE), ("next", 2 * LIVE)):
        table[f"{label} bid in an auction"] = bench.ask(
            bench.market, "bid", orders.as_tuple(auction), _signed(bench, auction), amount
        )
    table["cancel an order"] = bench.ask(bench.market, "cancel", 7, key=BUYER)
    return table


def _buy(bench: Bench, collection: Contract, number: int, nonce: int) -> int:
    sale = orders.Sale(BUYER.address, ZERO_ADDRESS, collection.address, 0, number, LIVE, LATER, 0, nonce)
    return bench.ask(bench.market, "buy", orders.as_tuple(sale), _signed(bench, sale))


def _rent(bench: Bench, level: int, number: int, nonce: int) -> int:
    lease = orders.Lease(
        BUYER.address,
        ZERO_ADDRESS,
        bench.deployed.tierra.address,
        level,
        number,
        LIVE // 10,
        1,
        30,
        LATER,
        0,
        nonce,
    )
    return bench.ask(bench.market, "rent", orders.as_tuple(lease), _signed(bench, lease), 10)


def _signed(bench: Bench, order: orders.Order) -> bytes:
    domain = orders.market_domain(bench.chain.chain_id, bench.market.address)
    return sign_digest(BUYER, orders.digest(order, domain))


def _escrow(bench: Bench) -> Table:
    spec = keccak256(b"what was ordered")

    def line(nonce: int) -> tuple[object, ...]:
        return (BUYER.address, LIVE, DELIVERY, spec, nonce)

    def deal(nonce: int) -> tuple[object, ...]:
        return (OPERATOR.address, BUYER.address, spec, nonce)

    bench.ask(bench.escrow, "create", [line(0)])
    table = {
        "escrow: create a line": bench.ask(bench.escrow, "create", [line(1)]),
        "escrow: create a cart of 10, per line": share(
            bench.ask(bench.escrow, "create", [line(nonce) for nonce in range(2, 12)]), 10
        ),
        "escrow: ship a line": bench.ask(bench.escrow, "ship", deal(1), keccak256(b"bill"), key=BUYER),
        "escrow: confirm a line": bench.ask(bench.escrow, "confirm", deal(1)),
        "escrow: review": bench.ask(bench.escrow, "review", deal(1), keccak256(b"review")),
        "escrow: dispute a line": bench.ask(bench.escrow, "dispute", deal(2), keccak256(b"reason")),
        "escrow: resolve a line": bench.ask(
            bench.escrow, "resolve", deal(2), LIVE // 2, keccak256(b"verdict")
        ),
        "escrow: refund a line": bench.ask(bench.escrow, "refund", deal(3), key=BUYER),
    }
    ids = [bench.escrow.call(bench.chain, "idOf", deal(nonce)) for nonce in (1, 2)]
    table["escrow: collect the fees of 2 lines"] = bench.ask(bench.escrow, "collectFees", ids)
    return table


def _digests(bench: Bench) -> Table:
    digests = [keccak256(b"digest %d" % number) for number in range(11)]
    return {
        "anchor a digest": bench.ask(bench.registry, "anchor", 0, digests[:1]),
        "anchor 10 digests, per digest": share(bench.ask(bench.registry, "anchor", 0, digests[1:]), 10),
    }
