"""What a plugin may do with the host: the `host` argument of its hooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from host.config import Plain
from host.storage.rows import Rows
from host.storage.tx import Tx

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlayerView:
    """A player in the city. `at` is (x, y, z) in metres, region-local; `slot` numbers the avatar on the wire."""

    id: int
    slot: int
    name: str
    guest: bool
    at: tuple[float, float, float]


class HostApi(Protocol):
    """The host as plugins see it. Use it in the host's event loop only."""

    def now(self) -> float:
        """The host's clock (seconds, UTC)."""
        ...

    def setting(self, plugin: str, name: str) -> Plain:
        """A plugin's setting: the operator's value or the declared default."""
        ...

    def player(self, player: int) -> PlayerView | None:
        """A player who is in the city now."""
        ...

    def players_near(self, at: tuple[float, float, float], radius: float) -> Sequence[PlayerView]:
        """Players within `radius` metres."""
        ...

    def said(self, player: int, text: str) -> None:
        """Tell the creation on whose ground the player is what the player said, where it may listen."""
        ...

    def command(self, player: int, line: str) -> bool:
        """Carry out a line such as "/wave": a command of the creation around the player, or an emote.

        False when nobody knows it.
        """
        ...

    def send(self, player: int, message: Mapping[str, Any]) -> None:
        """Send one control message (an object with `t`) to a player's client."""
        ...

    def read(self) -> Rows:
        """Committed data, read-only."""
        ...

    def write(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        """Run a unit of work; answers after the commit."""
        ...
