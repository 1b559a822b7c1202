"""Accounts, and the actor that a service acts for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PLAYER: Final = "player"
CREATOR: Final = "creator"
MODERATOR: Final = "moderator"
OPERATOR: Final = "operator"
HOST: Final = "host"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody the host knows.

    Attributes:
        address: the wallet, in the EIP-55 spelling; one account an address.
        wallet: the label of the key that the host keeps for a guest; "" where the person holds the key.
        color: of the avatar, 0xRRGGBB.
        created: seconds, UTC.
    """

    id: int
    name: str
    address: str
    guest: bool
    wallet: str
    roles: frozenset[str]
    color: int
    created: float

    @property
    def actor(self) -> Actor:
        """This account as the one who acts."""
        return Actor(self.id, self.name, self.address, self.roles)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for an act."""

    account: int
    name: str
    address: str
    roles: frozenset[str]

    @property
    def ref(self) -> str:
        """How audit rows and events name the actor: names of people can change and repeat."""
        return f"account:{self.account}" if self.account else HOST


SYSTEM: Final = Actor(0, HOST, "", frozenset({HOST}))
"""The host itself, acting by a rule."""
