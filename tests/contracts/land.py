"""A world with all land in it: the contracts tests' world, its Mall and Islands, and a few short words for moves."""

from __future__ import annotations

from typing import Any

from contracts.bindings import Contract
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
        self.mall: Contract = world.deployed.contract("Mall")
        self.island: Contract = world.deployed.contract("Island")

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


def owner(world: Any, number: int) -> str:
    """Who owns a Tierra."""
    return str(world.tierra.call(world.chain, "ownerOf", number))


def move(world: Any, sender: Any, source: str, to: str, number: int) -> Any:
    """Sends a single Tierra from `source` to `to`; the receipt."""
    return world.send(sender, world.tierra, "transferFrom", source, to, number)
