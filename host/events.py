"""Facts that happened, as frozen dataclasses, and the bus that tells them after they are durable.

Events are emitted inside a transaction (`Tx.emit`) and published once it is committed, in order; facts of the
running world (a player entered) are published directly. Times are seconds, UTC.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at `at` (seconds, UTC)."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(Event):
    """A person or a guest got an account. `address` is the wallet's."""

    account: int
    name: str
    guest: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletMoved(Event):
    """The guest `guest` went over from the host-kept wallet `source` to the own wallet `target` of `account`."""

    account: int
    guest: int
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMoved(Event):
    """The chain moved `amount` wei of LIVE between two wallets."""

    source: str
    target: str
    amount: int
    tx: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChanged(Event):
    """A payment that a player was asked for moved on; `key` is its asker's, `tx` the paying transaction."""

    payment: int
    key: str
    player: int
    before: str
    after: str
    tx: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerJoined(Event):
    """A client came in and stands in the city."""

    player: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerLeft(Event):
    """A client went away; `reason` is a close code's name or `left`."""

    player: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerEntered(Event):
    """A player stepped onto a placement's ground."""

    player: int
    placement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerExited(Event):
    """A player stepped off a placement's ground."""

    player: int
    placement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseChanged(Event):
    """A release moved from state `before` ("" when new) to `after`."""

    release: int
    package: str
    version: str
    before: str
    after: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementChanged(Event):
    """A placement moved from state `before` ("" when new) to `after`."""

    placement: int
    release: int
    tierra: int
    before: str
    after: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LandChanged(Event):
    """The chain moved a title or a use right of `count` Tierra from `tierra` on."""

    tierra: int
    owner: str
    user: str
    user_until: int
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFunded(Event):
    """The chain holds `amount` more wei in a pool."""

    pool: int
    amount: int
    funder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimChanged(Event):
    """A claim for a reward moved on; `amount` in wei, `tx` the paying transaction once there is one."""

    claim: int
    placement: int
    player: int
    amount: int
    before: str
    after: str
    tx: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPosted(Event):
    """A balanced set of ledger lines was booked."""

    posting: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFaulted(Event):
    """A running placement broke a limit or raised; `place` is file:line, `handler` the event that was handled."""

    placement: int
    code: str
    message: str
    place: str
    handler: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSent(Event):
    """The holder of the wallet `address` has to know something about `subject`; see `host.notices`."""

    notice: int
    address: str
    subject: str
    text: str


E_ = TypeVar("E_", bound=Event)


class EventBus:
    """Tells each event to those who asked for its type (or a base of it), in the order of subscription.

    A listener that raises is logged and does not stop the others.
    """

    def __init__(self) -> None:
        self._listeners: dict[type[Event], list[Callable[[Event], None]]] = defaultdict(list)

    def subscribe(self, kind: type[E_], listener: Callable[[E_], None]) -> None:
        """Call `listener` with every event that is a `kind`."""
        self._listeners[kind].append(listener)  # type: ignore[arg-type]

    def publish(self, event: Event) -> None:
        """Tell everybody who asked."""
        for kind in type(event).__mro__:
            for listener in self._listeners.get(kind, ()):
                try:
                    listener(event)
                except Exception:
                    log.exception("event listener failed on %s", type(event).__name__)
