"""A market town for tests: the chain with LIVE, land, resources, market, escrow and registry, and a clock to set."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import orders
from contracts.address import ZERO_ADDRESS
from contracts.bindings import Contract, deploy_intent
from contracts.chain import ChainEvent, ChainRevert, Intent, Receipt
from contracts.deploy import deploy
from contracts.keys import PrivateKey, derive_key
from contracts.local import LocalChain
from contracts.typed import Domain, Typed, sign_digest

SUPPLY = 10**27
START = 1_800_000_000
DAY = 86_400
FEE_BPS = 250
LIVE = 10**18
EVERYTHING = 2**256 - 1
PERMIT = {
    "Permit": (
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    )
}


class Town:
    """The operator owns market and escrow and has all land and LIVE; fees go to `till`, disputes to `arbiter`."""

    def __init__(self) -> None:
        self.now = START
        self.chain = LocalChain(None, clock=lambda: self.now)
        self.operator = self.person("operator")
        deployed = deploy(self.chain, self.operator, SUPPLY, self.operator.address)
        self.live, self.tierra = deployed.live, deployed.tierra
        self.till = self.person("till").address
        self.arbiter = self.person("arbiter")
        terms = (self.live.address, self.operator.address, self.till, FEE_BPS)
        self.resource = self._deploy("Resource")
        self.market = self._deploy("Market", *terms)
        self.escrow = self._deploy("Escrow", *terms, self.arbiter.address)
        self.registry = self._deploy("Registry")
        self.domain = orders.market_domain(self.chain.chain_id, self.market.address)

    @staticmethod
    def person(name: str) -> PrivateKey:
        return derive_key(b"for tests only".ljust(32), name)

    def _deploy(self, name: str, *arguments: Any) -> Contract:
        receipt = self._mine(
            self.operator, deploy_intent(f"deploy:{name}", self.operator.address, name, *arguments)
        )
        assert receipt.contract_address is not None
        return Contract(name, receipt.contract_address)

    def _mine(self, key: PrivateKey, intent: Intent) -> Receipt:
        signed = self.chain.sign(intent, self.chain.nonce(key.address), key)
        receipt = self.chain.receipt(self.chain.broadcast([signed.raw])[0])
        assert receipt is not None
        return receipt

    def send(self, key: PrivateKey, contract: Contract, function: str, *arguments: Any) -> Receipt:
        """Sends and expects success."""
        intent = contract.intent(function, key.address, function, *arguments)
        receipt = self._mine(key, intent)
        if receipt.status != 1:
            self.chain.call(contract.address, intent.data, intent.sender)
        assert receipt.status == 1, f"{function} was refused"
        return receipt

    def refused(
        self, error: str, key: PrivateKey, contract: Contract, function: str, *arguments: Any
    ) -> dict[str, object]:
        """Expects the custom error, of a transaction that is mined without effect."""
        intent = contract.intent(function, key.address, function, *arguments)
        receipt = self._mine(key, intent)
        assert (receipt.status, receipt.logs) == (0, ())
        with pytest.raises(ChainRevert) as caught:
            self.chain.call(contract.address, intent.data, intent.sender)
        assert caught.value.error == error
        return caught.value.values

    def ask(self, contract: Contract, function: str, *arguments: Any) -> Any:
        return contract.call(self.chain, function, *arguments)

    def events(self, receipt: Receipt, contract: Contract) -> list[ChainEvent]:
        """What `contract` said in a transaction."""
        found = self.chain.events(receipt.block, receipt.block, [contract.address])
        return [event for event in found if event.tx_hash == receipt.tx_hash]

    def balance(self, who: str) -> int:
        return int(self.ask(self.live, "balanceOf", who))

    def owner(self, collection: Contract, number: int) -> str:
        return str(self.ask(collection, "ownerOf", number))

    def rich(self, name: str, *spenders: Contract) -> PrivateKey:
        """A person with a million LIVE who lets the spenders take it."""
        key = self.person(name)
        self.send(self.operator, self.live, "transfer", key.address, 10**6 * LIVE)
        for spender in spenders:
            self.send(key, self.live, "approve", spender.address, EVERYTHING)
        return key

    def landlord(self, name: str, first: int, count: int = 1) -> PrivateKey:
        """A person with some Tierra who lets the market move them."""
        key = self.person(name)
        land = list(range(first, first + count))
        self.send(self.operator, self.tierra, "batchTransferFrom", self.operator.address, key.address, land)
        self.send(key, self.tierra, "setApprovalForAll", self.market.address, True)
        return key

    def sign(self, key: PrivateKey, order: orders.Order) -> bytes:
        return sign_digest(key, orders.digest(order, self.domain))

    def permit(self, key: PrivateKey, spender: Contract, value: int, deadline: int) -> tuple[object, ...]:
        """A signed allowance of LIVE, as market and escrow take it."""
        message = {
            "owner": key.address,
            "spender": spender.address,
            "value": value,
            "nonce": self.ask(self.live, "nonces", key.address),
            "deadline": deadline,
        }
        domain = Domain("LIVE", "1", self.chain.chain_id, self.live.address)
        signature = sign_digest(key, Typed(domain, PERMIT, "Permit", message).digest)
        return value, deadline, signature[64], signature[:32], signature[32:64]

    def sale(self, seller: PrivateKey, number: int, **changes: Any) -> orders.Sale:
        values: dict[str, Any] = {
            "seller": seller.address,
            "buyer": ZERO_ADDRESS,
            "collection": self.tierra.address,
            "level": 0,
            "id": number,
            "price": LIVE,
            "expiry": self.now + DAY,
            "counter": self.ask(self.market, "counterOf", seller.address),
            "nonce": 0,
        }
        return orders.Sale(**{**values, **changes})

    def offer(self, buyer: PrivateKey, number: int, **changes: Any) -> orders.Offer:
        values: dict[str, Any] = {
            "buyer": buyer.address,
            "seller": ZERO_ADDRESS,
            "collection": self.tierra.address,
            "level": 0,
            "id": number,
            "price": LIVE,
            "expiry": self.now + DAY,
            "counter": self.ask(self.market, "counterOf", buyer.address),
            "nonce": 0,
        }
        return orders.Offer(**{**values, **changes})

    def auction(self, seller: PrivateKey, number: int, **changes: Any) -> orders.Auction:
        values: dict[str, Any] = {
            "seller": seller.address,
            "collection": self.tierra.address,
            "level": 0,
            "id": number,
            "reserve": LIVE,
            "starts_at": self.now,
            "ends_at": self.now + DAY,
            "counter": self.ask(self.market, "counterOf", seller.address),
            "nonce": 0,
        }
        return orders.Auction(**{**values, **changes})

    def lease(self, landlord: PrivateKey, number: int, **changes: Any) -> orders.Lease:
        values: dict[str, Any] = {
            "landlord": landlord.address,
            "tenant": ZERO_ADDRESS,
            "collection": self.tierra.address,
            "level": 0,
            "id": number,
            "price_per_day": LIVE // 10,
            "min_days": 1,
            "max_days": 30,
            "expiry": self.now + DAY,
            "counter": self.ask(self.market, "counterOf", landlord.address),
            "nonce": 0,
        }
        return orders.Lease(**{**values, **changes})
