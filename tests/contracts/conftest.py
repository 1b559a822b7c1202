"""A world for contract tests: an embedded chain in memory with the contracts deployed, and a few people."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.chain import ChainEvent, ChainRevert, Intent, Receipt
from contracts.deploy import Deployment, deploy
from contracts.keys import PrivateKey, derive_key
from contracts.local import LocalChain
from tests.contracts.market import LAND
from tests.contracts.stored import store_chain
from tests.contracts.trade import Town

SUPPLY = 10**27
START = 1_800_000_000


class World:
    """The chain, its deployment and the people. The operator is also owner and treasury."""

    def __init__(self) -> None:
        self.chain = LocalChain(None, clock=lambda: START)
        self.operator = self.person("operator")
        self.deployed = deploy(self.chain, self.operator, SUPPLY, self.operator.address)
        self.live, self.tierra = self.deployed.live, self.deployed.tierra
        self.vault, self.distributor = self.deployed.vault, self.deployed.distributor

    @staticmethod
    def person(name: str) -> PrivateKey:
        return derive_key(b"for tests only".ljust(32), name)

    def send(self, key: PrivateKey, contract: Any, function: str, *arguments: Any) -> Receipt:
        """Sends and expects success."""
        return self.send_intent(key, contract.intent(function, key.address, function, *arguments))

    def send_intent(self, key: PrivateKey, intent: Intent) -> Receipt:
        signed = self.chain.sign(intent, self.chain.nonce(key.address), key)
        receipt = self.chain.receipt(self.chain.broadcast([signed.raw])[0])
        assert receipt is not None
        if receipt.status != 1:
            assert intent.to is not None
            self.chain.call(intent.to, intent.data, intent.sender)
        assert receipt.status == 1, f"{intent.key} was refused"
        return receipt

    def refused(
        self, error: str, key: PrivateKey, contract: Any, function: str, *arguments: Any
    ) -> dict[str, object]:
        """Expects the custom error, both asked and as a transaction that is mined without effect."""
        with pytest.raises(ChainRevert) as caught:
            contract.call(self.chain, function, *arguments, sender=key.address)
        assert caught.value.error == error
        intent = contract.intent(function, key.address, function, *arguments)
        signed = self.chain.sign(intent, self.chain.nonce(key.address), key)
        receipt = self.chain.receipt(self.chain.broadcast([signed.raw])[0])
        assert receipt is not None
        assert (receipt.status, receipt.logs) == (0, ())
        return caught.value.values

    def balance(self, who: str) -> int:
        return int(self.live.call(self.chain, "balanceOf", who))

    def fund(self, key: PrivateKey, number: int, amount: int) -> None:
        self.send(key, self.live, "approve", self.vault.address, amount)
        self.send(key, self.vault, "fund", number, amount)

    def events(self, receipt: Receipt) -> list[ChainEvent]:
        found = self.chain.events(receipt.block, receipt.block, self.deployed.addresses)
        return [event for event in found if event.tx_hash == receipt.tx_hash]


@pytest.fixture(scope="session")
def new_world() -> Callable[[], World]:
    """Makes worlds, for tests that need one per example."""
    return World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Deployment]:
    """A closed chain file, made once and copied by each test."""
    path = tmp_path_factory.mktemp("template") / "chain.db"
    return path, store_chain(path)


@pytest.fixture
def stored(template: tuple[Path, Deployment], tmp_path: Path) -> tuple[Path, Deployment]:
    """A copy of it, and what is deployed there."""
    path = tmp_path / "chain.db"
    shutil.copy(template[0], path)
    return path, template[1]


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
