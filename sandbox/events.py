"""Events: what a host tells a state. Arrays on the wire, the name first; positions in metres of the placement."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec


class _Event(msgspec.Struct, frozen=True, array_like=True):
    """Base of the events."""


class Start(_Event, frozen=True, tag="start"):
    """The instance begins, after its load."""


class Stop(_Event, frozen=True, tag="stop"):
    """The instance ends soon."""

    reason: str


class Enter(_Event, frozen=True, tag="enter"):
    """A player is inside now. `player` is the account's number, so that `player.store` finds it again."""

    player: int
    name: str
    locale: str = "en"
    guest: bool = False
    age_band: str = "adult"
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Leave(_Event, frozen=True, tag="leave"):
    """A player is no longer inside."""

    player: int
    reason: str = "walked"


class Input(_Event, frozen=True, tag="input"):
    """A player pressed an action of the generic client."""

    player: int
    action: str


class Interact(_Event, frozen=True, tag="interact"):
    """A player used an entity."""

    player: int
    entity: int
    verb: str = "use"


class AreaCrossed(_Event, frozen=True, tag="area"):
    """A player walked into or out of the area of an entity."""

    player: int
    entity: int
    inside: bool


class Emoted(_Event, frozen=True, tag="emote"):
    """A player played an emote."""

    player: int
    name: str


class Chat(_Event, frozen=True, tag="chat"):
    """A player inside said something; only for instances with `chat.listen`."""

    player: int
    text: str


class Commanded(_Event, frozen=True, tag="command"):
    """A player inside typed a command that the instance declared: its word, and what stands after it."""

    player: int
    word: str
    text: str


class Tickets(_Event, frozen=True, tag="tickets"):
    """The tickets that a player inside holds."""

    player: int
    ids: tuple[str, ...]


class Ui(_Event, frozen=True, tag="ui"):
    """A player used a node of a panel."""

    player: int
    id: str
    value: str | int | float | bool | None = None


class ClaimChanged(_Event, frozen=True, tag="claim_changed"):
    """A claim of this state went on: booked, settled, paid or refused with a reason."""

    claim: int
    state: Literal["booked", "settled", "paid", "refused"]
    amount: str
    reason: str = ""


class PoolChanged(_Event, frozen=True, tag="pool_changed"):
    """LIVE that a player may still win from a pool today, as an exact decimal text."""

    pool: str
    player: int
    left: str


class BoardChanged(_Event, frozen=True, tag="board_changed"):
    """Rows of a board, best first: (player, name, score)."""

    board: str
    period: Literal["day", "week", "all"]
    rows: tuple[tuple[int, str, int], ...]


class Bus(_Event, frozen=True, tag="bus"):
    """Data that another package of the parcel sent."""

    topic: str
    data: Any


class Restore(_Event, frozen=True, tag="restore"):
    """What the state before a reload gave in `snapshot`, encoded, and the version that gave it."""

    value: bytes
    from_version: str


class Moved(_Event, frozen=True, tag="moved"):
    """Positions of the players who moved, packed by `pack_positions`."""

    packed: bytes


Event: TypeAlias = (
    Start
    | Stop
    | Enter
    | Leave
    | Input
    | Interact
    | AreaCrossed
    | Emoted
    | Chat
    | Commanded
    | Tickets
    | Ui
    | ClaimChanged
    | PoolChanged
    | BoardChanged
    | Bus
    | Restore
    | Moved
)

_POSITION = struct.Struct("<qfff")


def pack_positions(positions: Mapping[int, tuple[float, float, float]]) -> bytes:
    """Player numbers and positions in metres as 20 bytes each."""
    return b"".join(_POSITION.pack(player, *at) for player, at in positions.items())


def unpack_positions(packed: bytes) -> dict[int, tuple[float, float, float]]:
    """The inverse of `pack_positions`."""
    return {row[0]: (row[1], row[2], row[3]) for row in _POSITION.iter_unpack(packed)}


_COMMAND = re.compile(r"/([a-z][a-z0-9_]{0,23})(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


def split_command(line: str) -> tuple[str, str]:
    """Word and rest of a line such as "/bid 5"; two empty texts for a line that is no command."""
    found = _COMMAND.fullmatch(line.strip())
    return (found[1].lower(), (found[2] or "").strip()) if found else ("", "")
