"""Land rights as the chain tells them, and who holds a Tierra because of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TitleMoved:
    """The title of Tierra `first`..`last` (inclusive) went to `to` (from Transfer and ConsecutiveTransfer)."""

    first: int
    last: int
    to: str


@dataclass(frozen=True, slots=True)
class UseGranted:
    """`user` may use Tierra `first`..`last` until `until` (seconds UTC, inclusive; from UpdateUser, UpdateQuadUser).

    The zero address ends a use.
    """

    first: int
    last: int
    user: str
    until: int


@dataclass(frozen=True, slots=True)
class DeedMoved:
    """The title of a whole Mall or Island went to `to` (from Transfer); the zero address: the Mall is taken apart."""

    kind: Literal["mall", "island"]
    number: int
    to: str


@dataclass(frozen=True, slots=True)
class IslandLet:
    """`user` may use Island `number` until `until` (seconds UTC, inclusive; from UpdateUser)."""

    number: int
    user: str
    until: int


LandEvent = TitleMoved | UseGranted | DeedMoved | IslandLet


@dataclass(frozen=True, slots=True)
class Title:
    """One owner for a range of Tierra."""

    first: int
    last: int
    owner: str


@dataclass(frozen=True, slots=True)
class Use:
    """One tenant for a range of Tierra, as granted; a use of a smaller range inside goes before it."""

    first: int
    last: int
    user: str
    until: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Who may place things: the tenant while a rent runs (until `until`, seconds UTC), else the owner."""

    address: str
    kind: Literal["owner", "tenant"]
    until: int | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A range of Tierra (inclusive) with one holder."""

    first: int
    last: int
    kind: Literal["owner", "tenant"]
    until: int | None
