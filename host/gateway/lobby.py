"""What the gateway asks of the rest of the host, and whom it tells what. The gateway itself knows no domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from host.gateway.codec import Fields
from host.world.step import Events


class Caller(Protocol):
    """A client that is signing in. Only within `Lobby.sign_in`, which is cancelled when the client goes away.

    Attributes:
        listener: gets `sign_in` messages of the client meanwhile.
    """

    listener: Callable[[Fields], None] | None

    @property
    def peer(self) -> str:
        """Its network address."""
        ...

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a control message before the welcome."""
        ...


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client says about itself; nothing of it is believed before the lobby has checked it.

    Attributes:
        wallet: it wants to sign in with an own wallet, which may take minutes.
    """

    version: int
    client: str
    token: str | None
    name: str | None
    locale: str | None
    caller: Caller
    wallet: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """The lobby's answer to a hello.

    Attributes:
        player: id of the player, positive, the same for every session of it.
        token: signs in again later; the client keeps it. Never logged.
        wallet: address shown to the player.
        color: of the avatar, #rrggbb.
        spawn: x, y, z in metres and yaw in radians; None: the region's own.
    """

    player: int
    name: str
    token: str
    wallet: str
    guest: bool
    color: str
    spawn: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PlayerRef:
    """A player who is in the world now."""

    id: int
    name: str
    color: str
    wallet: str
    guest: bool
    slot: int


class Lobby(Protocol):
    """The domain behind the gateway."""

    @property
    def features(self) -> list[str]:
        """What the client may show, as `chat`."""
        ...

    async def sign_in(self, hello: Hello) -> Admission:
        """Who this is.

        Raises:
            MallError: the client is told its code and closed.
        """
        ...

    def on_message(self, player: PlayerRef, kind: str, fields: Fields) -> None:
        """A control message that no handler was registered for.

        Raises:
            MallError: the client is told as `error`.
        """
        ...

    def on_left(self, player: PlayerRef) -> None:
        """The player is leaving; its position can still be asked for during this call."""
        ...


class Watcher:
    """Who is told what happens in the world, in the loop: be quick. An error is logged and harms nobody else.

    Subclasses say only what they care for.
    """

    def on_joined(self, player: PlayerRef) -> None:
        """The player is live and has `welcome` and `district`; its first `on_cells` follows."""

    def on_cells(self, player: PlayerRef, entered: tuple[int, ...], left: tuple[int, ...]) -> None:
        """Interest cells have come into the player's view and gone out of it."""

    def on_tick(self, events: Events, now: float) -> None:
        """Between the checked moves and the snapshots of a tick: what changes here is seen in the same tick."""
