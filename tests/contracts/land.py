"""A world with all land in it: the contracts tests' world, its Mall and Islands, and a few short words for moves."""

from __future__ import annotations

from typing import Any

from contracts.bindings import Contract, deploy_intent
from contracts.chain import Receipt
from contracts.keys import PrivateKey

DAY = 86_400
NOBODY = "0x" + "00" * 20


class Land:
    """Moves of Tierra and Malls in a world. The operator is the treasury."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.tierra: Contract = world.tierra
        self.treasury: PrivateKey = world.operator
        self.mall = self._contract("Mall", self.tierra.address)
        self.island = self._contract("Island", self.treasury.address)

    def _contract(self, name: str, *arguments: object) -> Contract:
        if name in self.world.deployed.contracts:
            return Contract(name, self.world.deployed.contracts[name].address)
        sender = self.treasury.address
        receipt = self.world.send_intent(self.treasury, deploy_intent(name, sender, name, *arguments))
        assert receipt.contract_address is not None
        return Contract(name, receipt.contract_address)

    @property
    def now(self) -> int:
        return int(self.world.chain.head().timestamp)

    def ask(self, contract: Contract, function: str, *arguments: object) -> Any:
        return contract.call(self.world.chain, function, *arguments)

    def sell(self, to: PrivateKey, level: int, base: int) -> Receipt:
        """The treasury's land goes to somebody: a quad, or a single Tierra (level 0)."""
        source = self.treasury.address
        if level == 0:
            return self.world.send(self.treasury, self.tierra, "transferFrom", source, to.address, base)
        return self.world.send(
            self.treasury, self.tierra, "transferQuad", source, to.address, level, base, False
        )

    def compose(self, owner: PrivateKey, level: int, base: int, per_token: bool = False) -> Receipt:
        return self.world.send(
            owner,
            self.tierra,
            "safeTransferQuad",
            owner.address,
            self.mall.address,
            level,
            base,
            per_token,
            b"",
        )

    def owner(self, number: int) -> str:
        return str(self.ask(self.tierra, "ownerOf", number))


def title(level: int, base: int) -> int:
    """The id of a Mall."""
    return level << 20 | base
