"""A chain with every contract and three people, on which the measured uses run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from contracts.address import address_from_bytes, keccak256
from contracts.bindings import Contract, pack, pool_id
from contracts.chain import Chain, Intent
from contracts.deploy import deploy
from contracts.errors import ChainError
from contracts.keys import PrivateKey, derive_key
from contracts.merkle import CumulativeTree

OPERATOR = derive_key(b"gas table, no secret".ljust(32), "operator")
BUYER = derive_key(b"gas table, no secret".ljust(32), "buyer")
CREATOR = derive_key(b"gas table, no secret".ljust(32), "creator")
UNLIMITED = 2**256 - 1
LIVE = 10**18
FEE_BPS = 250
LATER = 2_000_000_000
"""A time (seconds UTC) after all that is measured; fixed, for each byte of a date has its price."""

Table = dict[str, int]
"""Gas by use."""

_LABELS = {
    "LiveToken": "deploy LIVE",
    "Tierra": "deploy Tierra, all 100,100",
    "PrizeVault": "deploy PrizeVault and Distributor",
}


def share(gas: int, count: int) -> int:
    """Gas for one of `count`, rounded up."""
    return -(-gas // count)


def player(number: int) -> str:
    """The address of somebody who holds nothing yet."""
    return address_from_bytes(keccak256(b"player %d" % number)[:20])


class _Remembering:
    """A chain that keeps the hashes of what was sent to it."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.hashes: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._chain, name)

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        hashes = self._chain.broadcast(raws)
        self.hashes += hashes
        return hashes


class Bench:
    """The contracts, freshly deployed. OPERATOR owns all LIVE, all land and every role; fees go to `till`."""

    def __init__(self, chain: Chain) -> None:
        """Deploys on an empty chain. Raises ChainError `gas.refused`."""
        self.chain = chain
        self.key = OPERATOR
        self.deploys: Table = {}
        self.till = player(1_000_000)
        sent = _Remembering(chain)
        self.deployed = deploy(cast(Chain, sent), self.key, 10**27, self.key.address)
        names = {deployed.address: name for name, deployed in self.deployed.contracts.items()}
        for tx_hash in sent.hashes:
            receipt = chain.receipt(tx_hash)
            if receipt is not None and receipt.contract_address in names:
                name = names[receipt.contract_address]
                self.deploys[_LABELS.get(name, f"deploy {name}")] = receipt.gas_used
        of = self.deployed.contract
        self.mall, self.island, self.resource = of("Mall"), of("Island"), of("Resource")
        self.market, self.escrow, self.registry = of("Market"), of("Escrow"), of("Registry")
        self.epoch = 0
        for contract in (self.market, self.escrow):
            self.ask(contract, "setFee", FEE_BPS, self.till)
        if chain.balance(self.key.address):
            self.send(Intent("gas for the creator", self.key.address, CREATOR.address, value=10**18))

    def send(self, intent: Intent, key: PrivateKey = OPERATOR) -> int:
        """The gas of a transaction that has to work. Raises ChainError `gas.refused`."""
        signed = self.chain.sign(intent, self.chain.nonce(key.address), key)
        receipt = self.chain.receipt(self.chain.broadcast([signed.raw])[0])
        if receipt is None or receipt.status != 1:
            raise ChainError("gas.refused", f"{intent.key} was refused")
        return receipt.gas_used

    def ask(self, contract: Contract, function: str, *arguments: object, key: PrivateKey = OPERATOR) -> int:
        """The gas of a call of `function` as a transaction of `key`."""
        return self.send(contract.intent(function, key.address, function, *arguments), key)

    def use(self, contract: str, function: str, *arguments: object, key: PrivateKey = OPERATOR) -> int:
        """`ask` of a contract by name."""
        return self.ask(self.deployed.contract(contract), function, *arguments, key=key)

    def settle(self, tree: CumulativeTree, total: int) -> int:
        """Ends an epoch with the tree's root, drawing `total` wei from the operator's pool 1."""
        self.epoch += 1
        draws = [pack(pool_id(self.key.address, 1), total)]
        return self.use("PrizeVault", "settle", self.epoch, tree.root, b"\x01" * 32, draws)
