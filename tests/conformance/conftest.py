"""Two chains that must behave alike: the embedded one, and a real node behind the adapter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.anvil import Anvil, MinedChain
from contracts.bindings import Contract
from contracts.chain import Chain, Intent, Receipt
from contracts.deploy import Deployment, deploy
from contracts.keys import PrivateKey, derive_key
from contracts.local import LocalChain
from contracts.rpc import RpcChain
from tests.conformance.proxy import HostileProxy

START = 1_800_000_000
SUPPLY = 10**27
GAS_MONEY = 10**24


def person(name: str) -> PrivateKey:
    return derive_key(b"for tests only".ljust(32), name)


OPERATOR, ANN, BOB = person("operator"), person("ann"), person("bob")


@dataclass
class World:
    """A chain with the contracts; the operator holds all LIVE and all land. `node` is None on the embedded chain."""

    chain: Chain
    deployed: Deployment
    node: Anvil | None

    def pay(self, amount: int, to: PrivateKey = ANN, key: PrivateKey = OPERATOR, **options: Any) -> Intent:
        """The intent of a LIVE transfer."""
        return self.deployed.live.intent("pay", key.address, "transfer", to.address, amount, **options)

    def send(self, *intents: Intent, key: PrivateKey = OPERATOR) -> list[Receipt]:
        """Mines them; a refused one has its receipt too."""
        nonce = self.chain.nonce(key.address)
        raws = [self.chain.sign(intent, nonce + place, key).raw for place, intent in enumerate(intents)]
        receipts = [self.chain.receipt(tx_hash) for tx_hash in self.chain.broadcast(raws)]
        assert None not in receipts
        return [receipt for receipt in receipts if receipt is not None]

    def use(self, contract: Contract, function: str, *arguments: Any, key: PrivateKey = OPERATOR) -> Receipt:
        """Mines a call that works."""
        (receipt,) = self.send(contract.intent(function, key.address, function, *arguments), key=key)
        assert receipt.status == 1
        return receipt

    def balance(self, who: PrivateKey, block: int | None = None) -> int:
        return int(self.deployed.live.call(self.chain, "balanceOf", who.address, block=block))

    def pass_time(self, seconds: int) -> None:
        """The next block is that much later."""
        if self.node is not None:
            self.node.ask("evm_increaseTime", seconds)
            self.node.mine()
        else:
            assert isinstance(self.chain, LocalChain)
            self.chain.increase_time(seconds)
            self.chain.mine()


def new_node(people: Sequence[PrivateKey] = (OPERATOR, ANN, BOB), **options: Any) -> Anvil:
    """A node on which these can pay for gas. Close it."""
    node = Anvil(**{"automine": False, "timestamp": START, "final_after": 0, **options})
    for who in people:
        node.fund(who.address, GAS_MONEY)
    return node


@pytest.fixture(params=["local", "anvil"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The contracts on either chain; each block is final at once."""
    if request.param == "local":
        with LocalChain(None, clock=lambda: START) as local:
            yield World(local, deploy(local, OPERATOR, SUPPLY, OPERATOR.address), None)
    else:
        with new_node() as node, MinedChain(node) as chain:
            yield World(chain, deploy(chain, OPERATOR, SUPPLY, OPERATOR.address), node)


@pytest.fixture
def node() -> Iterator[Anvil]:
    """A node that mines by hand and makes a block final when two more stand on it."""
    with new_node(final_after=2) as started:
        yield started


@pytest.fixture
def proxy(node: Anvil) -> Iterator[HostileProxy]:
    """A proxy in front of `node`."""
    with HostileProxy(node.url) as started:
        yield started


@pytest.fixture
def chain(node: Anvil, proxy: HostileProxy) -> Iterator[RpcChain]:
    """The adapter, which knows the node through the proxy alone; an exchange ends after two seconds."""
    with RpcChain([proxy.url], node.chain_id, timeout=2.0) as connected:
        yield connected
