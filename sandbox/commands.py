"""Commands: what a script may propose. Each is checked here in form; the host checks ownership, caps and rights."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta

from sandbox.components import (
    REMOVABLE as REMOVABLE,
)
from sandbox.components import (
    Angle as Angle,
)
from sandbox.components import (
    Area as Area,
)
from sandbox.components import (
    Clickable as Clickable,
)
from sandbox.components import (
    Collider as Collider,
)
from sandbox.components import (
    Color as Color,
)
from sandbox.components import (
    Id as Id,
)
from sandbox.components import (
    Label as Label,
)
from sandbox.components import (
    Light as Light,
)
from sandbox.components import (
    Mover as Mover,
)
from sandbox.components import (
    Name as Name,
)
from sandbox.components import (
    Part as Part,
)
from sandbox.components import (
    Parts as Parts,
)
from sandbox.components import (
    Scalar as Scalar,
)
from sandbox.components import (
    Score as Score,
)
from sandbox.components import (
    Sound as Sound,
)
from sandbox.components import (
    UiChange as UiChange,
)
from sandbox.components import (
    UiNode as UiNode,
)
from sandbox.components import (
    Vec3 as Vec3,
)
from sandbox.errors import SandboxError


class Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of the commands: an array on the wire, its name first."""


class Spawn(Message, frozen=True, tag="spawn"):
    """Make an entity. `entity` counts up within the instance, `key` is the creator's id."""

    entity: Id
    key: Name
    parts: Parts


class Set(Message, frozen=True, tag="set"):
    """Change components of an entity of this instance."""

    entity: Id
    parts: Parts


class Remove(Message, frozen=True, tag="remove"):
    """Remove an entity of this instance."""

    entity: Id


class Say(Message, frozen=True, tag="say"):
    """Tell one player something in the chat."""

    player: Id
    text: Annotated[str, Meta(max_length=280)]


class Effect(Message, frozen=True, tag="effect"):
    """A passing effect at a player or at a place."""

    name: Name
    player: Id | None
    at: Vec3 | None
    color: Color | None
    sound: Name | None
    seconds: Annotated[float, Meta(ge=0, le=60)]


class Emote(Message, frozen=True, tag="emote"):
    """Let a player's avatar play an emote."""

    player: Id
    name: Name


class Teleport(Message, frozen=True, tag="teleport"):
    """Move a player within the footprint; `yaw` in degrees."""

    player: Id
    at: Vec3
    yaw: Angle | None


class Sky(Message, frozen=True, tag="sky"):
    """The sky that players inside see: hour of the day, tint, fog from 0 to 1; None leaves the city's own."""

    time: Annotated[float, Meta(ge=0, le=24)] | None
    tint: Color | None
    fog: Annotated[float, Meta(ge=0, le=1)] | None


class Actions(Message, frozen=True, tag="actions"):
    """What a player may do, as (name, label) for the client's buttons; empty takes them away."""

    player: Id
    actions: Annotated[tuple[tuple[Name, Annotated[str, Meta(max_length=120)]], ...], Meta(max_length=6)]


class ChatCommand(Message, frozen=True, tag="chat_command"):
    """Lines of players inside that begin with "/" and this word go to the creation and are not said aloud."""

    word: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,23}$")]


class UiShow(Message, frozen=True, tag="ui_show"):
    """Show a panel to one player."""

    player: Id
    panel: Name
    node: UiNode


class UiUpdate(Message, frozen=True, tag="ui_update"):
    """Change one node for one player."""

    player: Id
    id: Name
    change: UiChange


class UiClose(Message, frozen=True, tag="ui_close"):
    """Close a panel of one player."""

    player: Id
    panel: Name


class Toast(Message, frozen=True, tag="toast"):
    """A short message to one player."""

    player: Id
    text: Annotated[str, Meta(max_length=200)]
    tone: Literal["info", "good", "bad"]


class MatchStatus(Message, frozen=True, tag="match"):
    """State of a match, from which a generic client draws a scoreboard. When over, `players` are in ranking order."""

    match: Id
    phase: Literal["lobby", "running", "over"]
    seconds_left: Annotated[float, Meta(ge=0, le=7200)]
    title: Annotated[str, Meta(max_length=60)]
    unit: Annotated[str, Meta(max_length=20)]
    players: Annotated[tuple[Id, ...], Meta(max_length=64)]


class MatchScore(Message, frozen=True, tag="score"):
    """The score of one player in a match."""

    match: Id
    player: Id
    score: Score


class BoardSubmit(Message, frozen=True, tag="board_submit"):
    """Offer a score to a board of the placement."""

    board: Name
    player: Id
    score: Score


class BoardReset(Message, frozen=True, tag="board_reset"):
    """Empty a board of the placement."""

    board: Name


class Claim(Message, frozen=True, tag="claim"):
    """Ask for a reward: `amount` is LIVE as an exact decimal text; `match` 0 when none; `claim` counts up per state."""

    claim: Id
    player: Id
    pool: Name
    amount: Annotated[str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,18})?$", max_length=32)]
    match: Annotated[int, Meta(ge=0, le=1 << 53)]
    reason: Annotated[str, Meta(max_length=120)]


class BusSend(Message, frozen=True, tag="bus_send"):
    """Send plain data to the other packages of the parcel."""

    topic: Annotated[str, Meta(max_length=96, pattern=r"^[\w/-]+:[\w.-]+$")]
    data: Any


class Log(Message, frozen=True, tag="log"):
    """A line for the creator's log."""

    text: Annotated[str, Meta(max_length=1024)]


Command: TypeAlias = (
    Spawn
    | Set
    | Remove
    | Say
    | Effect
    | Emote
    | Teleport
    | Sky
    | Actions
    | ChatCommand
    | UiShow
    | UiUpdate
    | UiClose
    | Toast
    | MatchStatus
    | MatchScore
    | BoardSubmit
    | BoardReset
    | Claim
    | BusSend
    | Log
)

NEEDS: dict[type[Message], str] = {
    Spawn: "world.build",
    Set: "world.build",
    Remove: "world.build",
    Say: "chat.say",
    Emote: "avatar.emote",
    Teleport: "avatar.move",
    Sky: "world.build",
    ChatCommand: "chat.listen",
    UiShow: "ui",
    UiUpdate: "ui",
    UiClose: "ui",
    Toast: "ui",
    MatchStatus: "match",
    MatchScore: "match",
    BoardSubmit: "board",
    BoardReset: "board",
    Claim: "reward.claim",
    BusSend: "bus",
}
UI_DEPTH_MAX = 8
UI_NODES_MAX = 256


def check_command(
    command: Command, footprint: tuple[float, float, float], capabilities: frozenset[str]
) -> None:
    """Checks what types cannot say. Raises SandboxError `sandbox.bad_outbox`."""
    need = NEEDS.get(type(command))
    if isinstance(command, Effect):
        need = "world.build" if command.player is None else "avatar.effect"
        if (command.player is None) == (command.at is None):
            raise _bad("an effect is either at a player or at a place")
        if command.at is not None:
            _check_place(command.at, footprint)
    elif isinstance(command, Actions):
        need = "match" if "match" in capabilities else "ui"
    if need is not None and need not in capabilities:
        raise _bad(f"{type(command).__name__} needs the capability {need}, which was not granted")
    if isinstance(command, Spawn | Set):
        _check_parts(command.parts, footprint)
        if isinstance(command, Spawn) and command.parts.at is UNSET:
            raise _bad("a spawn without a position")
    elif isinstance(command, Teleport):
        _check_place(command.at, footprint)
    elif isinstance(command, UiShow):
        _check_tree(command.node)
    elif isinstance(command, UiUpdate):
        _check_finite(command.change.value)
    elif isinstance(command, BusSend):
        _check_plain(command.data, 0)


def _bad(text: str) -> SandboxError:
    return SandboxError("sandbox.bad_outbox", text)


def _check_place(at: Vec3, footprint: tuple[float, float, float]) -> None:
    # written so that a NaN fails too
    if not all(0.0 <= value <= most for value, most in zip(at, footprint, strict=True)):
        raise _bad(f"the position {at} is outside the footprint {footprint}")


def _check_size(size: Vec3) -> None:
    if not all(0.01 <= value <= 512.0 for value in size):
        raise _bad(f"the size {size} is not between 0.01 and 512 m")


def _check_parts(parts: Parts, footprint: tuple[float, float, float]) -> None:
    if isinstance(parts.at, tuple):
        _check_place(parts.at, footprint)
    if isinstance(parts.scale, tuple):
        _check_size(parts.scale)
    elif isinstance(parts.scale, float):
        _check_size((parts.scale, 1.0, 1.0))
    if any(getattr(parts, name) is True for name in REMOVABLE):
        raise _bad("a component is given whole or taken away with false")
    for sized in (parts.collider, parts.area):
        if isinstance(sized, Collider | Area) and sized.size is not None:
            _check_size(sized.size)
    if isinstance(parts.area, Area) and (parts.area.radius is None) == (parts.area.size is None):
        raise _bad("an area has either a radius or a size")
    if isinstance(parts.mover, Mover) and parts.mover.to is not None:
        _check_place(parts.mover.to, footprint)
    if isinstance(parts.state, dict):
        for value in parts.state.values():
            _check_finite(value)


def _check_tree(root: UiNode) -> None:
    left = UI_NODES_MAX
    level: tuple[UiNode, ...] = (root,)
    depth = 0
    while level:
        depth += 1
        left -= len(level)
        if depth > UI_DEPTH_MAX or left < 0:
            raise _bad(f"a tree of the UI has more than {UI_NODES_MAX} nodes or {UI_DEPTH_MAX} levels")
        for node in level:
            _check_finite(node.value)
        level = tuple(child for node in level for child in node.children or ())


def _check_finite(value: object) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise _bad("a number that is not finite")


def _check_plain(value: object, depth: int) -> None:
    if depth > 12:
        raise _bad("data nested deeper than 12")
    if isinstance(value, list):
        for item in value:
            _check_plain(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str | int):
                raise _bad("data with a key that is neither text nor a whole number")
            _check_plain(item, depth + 1)
    elif not (value is None or isinstance(value, bool | int | float | str)):
        raise _bad(f"data of the kind {type(value).__name__}")
    _check_finite(value)
