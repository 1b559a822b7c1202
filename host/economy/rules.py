"""When a claim is accepted: pure rules on facts that were read before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from host.economy import amounts
from host.economy.models import CLAIM_FLOW, Pool, Refusal, Standing
from host.errors import MallError


@dataclass(frozen=True, slots=True)
class Usage:
    """What a pool has promised so far.

    Attributes:
        left: wei in the pool that nobody was promised.
        total: wei promised to everybody, ever.
        player_day: wei promised to this player in this UTC day.
        last_at: time of this player's last accepted claim, None before the first.
    """

    left: int
    total: int
    player_day: int
    last_at: float | None


def utc_day(at: float) -> str:
    """The UTC day of a time in seconds, as `2026-01-31`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def move(before: str, after: str) -> str:
    """The state after, when CLAIM_FLOW allows the step.

    Raises:
        MallError: claim.bad_move.
    """
    if after not in CLAIM_FLOW.get(before, ()):
        raise MallError(
            "claim.bad_move", f"A claim does not go from {before} to {after}.", before=before, after=after
        )
    return after


def refuse(
    amount: int, address: str, standing: Standing, pool: Pool | None, usage: Usage, now: float
) -> Refusal | None:
    """The first rule that the claim breaks, or None when it is to be booked.

    `address` is the checked wallet, "" when the player has none that can be paid. Every ceiling is inclusive: a
    claim that reaches it exactly passes.
    """
    return (
        _of_place(standing)
        or _of_amount(amount, address, pool)
        or (None if pool is None else _of_pool(amount, standing, pool, usage, now))
    )


def _of_place(standing: Standing) -> Refusal | None:
    if not standing.enabled:
        return Refusal("reward.not_enabled", "The placement is not enabled.")
    if not standing.granted:
        return Refusal("reward.not_granted", "The placement was not granted the capability reward.claim.")
    if not standing.present:
        return Refusal("reward.not_present", "The player is not on the placement.")
    return None


def _of_amount(amount: int, address: str, pool: Pool | None) -> Refusal | None:
    if pool is None:
        return Refusal("reward.unknown_pool", "The placement has no pool of that name.")
    if amount <= 0:
        return Refusal("reward.no_amount", "A reward is more than 0 LIVE.")
    if not address:
        return Refusal("reward.bad_address", "The player has no wallet that can be paid.")
    if amount > pool.per_claim:
        return Refusal("reward.claim_cap", f"One claim is at most {amounts.show(pool.per_claim)}.")
    return None


def _of_pool(amount: int, standing: Standing, pool: Pool, usage: Usage, now: float) -> Refusal | None:
    if standing.presence < pool.min_presence:
        return Refusal(
            "reward.presence",
            f"The player was here for {standing.presence:.1f} s; the pool asks for {pool.min_presence:g} s.",
        )
    if usage.last_at is not None and now - usage.last_at < pool.cooldown:
        return Refusal(
            "reward.cooldown", f"The pool asks for {pool.cooldown:g} s between two claims of a player."
        )
    if usage.player_day + amount > pool.per_player_day:
        return Refusal(
            "reward.player_cap", f"A player gets at most {amounts.show(pool.per_player_day)} a UTC day."
        )
    if usage.total + amount > pool.total:
        return Refusal("reward.total_cap", f"The pool pays at most {amounts.show(pool.total)} in all.")
    if amount > usage.left:
        return Refusal("reward.pool_empty", f"The pool has {amounts.show(usage.left)} left.")
    return None
