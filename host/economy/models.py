"""The words of the economy as frozen data. Amounts are integer wei of LIVE, times seconds UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CLAIM_FLOW: Final[dict[str, tuple[str, ...]]] = {
    "filed": ("rejected", "booked", "held"),
    "held": ("booked", "rejected"),  # reserved, but a person decides, as what led to it was not recorded
    "booked": ("settling", "rejected"),  # rejected only when the pool's money left the chain before the epoch
    "settling": ("settled", "booked"),  # booked again only when an operator gives a refused epoch up
    "settled": ("paid",),
    "rejected": (),
    "paid": (),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a posting: `amount` is added to `account`'s balance."""

    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Balanced lines, booked once under `key`."""

    id: int
    kind: str
    key: str
    at: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Prize money of a placement and its ceilings; `cooldown` and `min_presence` in seconds.

    `total` bounds everything that is ever paid from it, `per_player_day` one player's sum in a UTC day.
    """

    id: int
    placement: int
    name: str
    per_claim: int
    per_player_day: int
    total: int
    cooldown: float
    min_presence: float


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What a creation asks for: `amount` is LIVE as decimal text, `pool` a name of the placement's own pools.

    (placement, session, number) is the idempotency key: the instance's session and its running number.
    """

    placement: int
    session: str
    number: int
    pool: str
    player: int
    address: str
    amount: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the host knows when a claim is filed.

    Attributes:
        enabled: the placement is enabled.
        granted: the placement holds the capability reward.claim.
        present: the player is on the placement now.
        presence: seconds that the player has been on the placement.
    """

    enabled: bool
    granted: bool
    present: bool
    presence: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a claim is refused: a stable code and one sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A request to pay a player from a pool.

    Attributes:
        pool: 0 when the placement has no pool of that name.
        amount: wei; 0 when the text was no amount.
        epoch: the settlement it is part of, 0 before.
        tx: hash of the transaction that paid it ("" before).
        reason: code of the refusal ("" unless rejected); `detail` says it in words.
    """

    id: int
    placement: int
    session: str
    number: int
    pool: int
    player: int
    address: str
    amount: int
    state: str
    reason: str
    detail: str
    filed_at: float
    epoch: int
    tx: str
