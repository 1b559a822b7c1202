"""Claims: a creation asks to pay a player; the host decides, and books the promise in the same unit of work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Any

from contracts.address import ZERO_ADDRESS, checked_address
from contracts.errors import ChainError
from host.economy import amounts, ledger, rules
from host.economy.models import Claim, ClaimRequest, Pool, Refusal, Standing
from host.errors import MallError
from host.events import ClaimChanged
from host.hookspecs import Finding
from host.storage.rows import Row, Rows
from host.storage.tx import Tx


def file(
    tx: Tx,
    request: ClaimRequest,
    standing: Standing,
    findings: Sequence[Finding] = (),
    doubt: Refusal | None = None,
) -> Claim:
    """Decide on a claim: booked with its reservation, or stored as rejected with the rule's code.

    The same request again answers with the first decision, whatever has changed since.

    Args:
        findings: of plugins; the first blocking one counts, after the host's own rules.
        doubt: why a claim that breaks no rule is held for a person's decision; its reservation is made.

    Raises:
        MallError: claim.key_reused when the key was used for another request.
    """
    digest = hashlib.sha256(json.dumps(astuple(request)).encode()).hexdigest()
    known = tx.one(
        "select * from claims where placement = ? and session = ? and number = ?",
        request.placement, request.session, request.number,
    )  # fmt: skip
    if known is not None:
        if known["request"] != digest:
            raise MallError(
                "claim.key_reused",
                f"Claim {request.number} of session {request.session} was filed with other content.",
                session=request.session, number=request.number,
            )  # fmt: skip
        return _claim(known)
    pool = find_pool(tx, request.placement, request.pool)
    address = _payable(request.address)
    amount, refusal = _decide(tx, request, address, standing, pool, findings)
    reason = refusal or doubt
    state = "rejected" if refusal else "held" if doubt else "booked"
    number = tx.insert(
        "claims", placement=request.placement, session=request.session, number=request.number, request=digest,
        pool=pool.id if pool else 0, player=request.player, address=address, amount=str(amount),
        state=rules.move("filed", state), reason=reason.code if reason else "",
        detail=reason.message if reason else "", filed_at=tx.now, epoch=0, tx="",
    )  # fmt: skip
    if refusal is None and pool is not None:
        _reserve(tx, number, pool.id, amount)
        _use(tx, pool.id, request.player, amount, tx.now)
    claim = get(tx, number)
    _tell(tx, claim, "filed")
    return claim


def get(rows: Rows, claim: int) -> Claim:
    """One claim.

    Raises:
        MallError: claim.unknown.
    """
    row = rows.one("select * from claims where id = ?", claim)
    if row is None:
        raise MallError("claim.unknown", f"There is no claim {claim}.", claim=claim)
    return _claim(row)


def list_claims(
    rows: Rows, *, player: int | None = None, state: str | None = None, limit: int = 100
) -> list[Claim]:
    """The newest claims first, of one player or in one state where given."""
    wheres = [("player = ?", player), ("state = ?", state)]
    used = [(text, value) for text, value in wheres if value is not None]
    where = " and ".join(text for text, _ in used) or "1"
    found = rows.all(
        f"select * from claims where {where} order by id desc limit ?",  # noqa: S608
        *(value for _, value in used),
        limit,
    )
    return [_claim(row) for row in found]


def of_epoch(rows: Rows, epoch: int) -> list[Claim]:
    """The claims that an epoch settles, oldest first."""
    return [_claim(row) for row in rows.all("select * from claims where epoch = ? order by id", epoch)]


def booked(rows: Rows, limit: int, after: int = 0) -> list[Claim]:
    """The oldest claims that wait for an epoch, those with an id above `after`."""
    found = rows.all(
        "select * from claims where state = 'booked' and id > ? order by id limit ?", after, limit
    )
    return [_claim(row) for row in found]


def all_booked(rows: Rows, page: int) -> Iterator[Claim]:
    """Every claim that waits for an epoch, oldest first, read in pages."""
    found = booked(rows, page)
    while found:
        yield from found
        found = booked(rows, page, found[-1].id)


def pending(rows: Rows, player: int) -> int:
    """Wei promised to a player that is not in the wallet yet."""
    found = rows.all(
        "select amount from claims where player = ? and state in ('booked', 'settling', 'settled')", player
    )
    return sum(int(row["amount"]) for row in found)


def find_pool(rows: Rows, placement: int, name: str) -> Pool | None:
    """The placement's own pool of that name."""
    row = rows.one("select * from pools where placement = ? and name = ?", placement, name)
    return None if row is None else _pool(row)


def left(rows: Rows, pool: int) -> int:
    """Wei in a pool that nobody was promised."""
    return ledger.balance(rows, f"pool:{pool}")


def left_for(rows: Rows, pool: Pool, player: int, now: float) -> int:
    """Wei that a player may still be promised from a pool in the UTC day of `now`."""
    usage = _usage(rows, pool.id, player, now)
    return max(0, min(usage.left, pool.total - usage.total, pool.per_player_day - usage.player_day))


def advance(tx: Tx, claim: Claim, state: str, *, epoch: int | None = None, paid_by: str = "") -> None:
    """Move a claim on and tell so. For the settlement only.

    Raises:
        MallError: claim.bad_move.
    """
    rules.move(claim.state, state)
    tx.execute(
        "update claims set state = ?, epoch = ?, tx = ? where id = ?",
        state, claim.epoch if epoch is None else epoch, paid_by, claim.id,
    )  # fmt: skip
    _tell(tx, get(tx, claim.id), claim.state)


def decide_held(tx: Tx, number: int, actor: str, pay: bool, why: str) -> Claim:
    """A person's word on a claim that is held: booked for the next epoch, or rejected and its reservation freed.

    Raises:
        MallError: claim.unknown, claim.not_held.
    """
    claim = get(tx, number)
    if claim.state != "held":
        raise MallError(
            "claim.not_held", f"Claim {number} is {claim.state}: there is nothing to decide.", claim=number
        )
    if pay:
        rules.move(claim.state, "booked")
        tx.execute("update claims set state = 'booked', reason = '', detail = '' where id = ?", number)
        _tell(tx, get(tx, number), claim.state)
    else:
        withdraw(tx, claim, Refusal("reward.reviewed", why))
    decided = get(tx, number)
    tx.audit(
        actor, "claim.decided", f"claim:{number}",
        before=claim.state, after=decided.state, reason=why, doubt=claim.detail, wei=str(claim.amount),
    )  # fmt: skip
    return decided


def withdraw(tx: Tx, claim: Claim, refusal: Refusal) -> None:
    """Reject a claim that is not settling yet and free its reservation."""
    rules.move(claim.state, "rejected")
    ledger.post(
        tx, "claim.withdrawn", f"claim:{claim.id}:withdrawn",
        {f"pool_reserved:{claim.pool}": -claim.amount, f"pool:{claim.pool}": claim.amount},
    )  # fmt: skip
    _use(tx, claim.pool, claim.player, -claim.amount, claim.filed_at)
    tx.execute(
        "update claims set state = 'rejected', reason = ?, detail = ? where id = ?",
        refusal.code, refusal.message, claim.id,
    )  # fmt: skip
    _tell(tx, get(tx, claim.id), claim.state)


def _payable(address: str) -> str:
    """The address in EIP-55 spelling; "" when LIVE cannot be sent to it (the token refuses the zero address)."""
    try:
        checked = checked_address(address)
    except ChainError:
        return ""
    return "" if checked == ZERO_ADDRESS else checked


def _decide(
    rows: Tx,
    request: ClaimRequest,
    address: str,
    standing: Standing,
    pool: Pool | None,
    findings: Sequence[Finding],
) -> tuple[int, Refusal | None]:
    try:
        amount = amounts.parse(request.amount)
    except MallError as error:
        return 0, Refusal(error.code, error.message)
    usage = _usage(rows, pool.id, request.player, rows.now) if pool else rules.Usage(0, 0, 0, None)
    refusal = rules.refuse(amount, address, standing, pool, usage, rows.now)
    blocking = (Refusal(found.code, found.message) for found in findings if found.level == "block")
    return amount, refusal or next(blocking, None)


def _usage(rows: Rows, pool: int, player: int, now: float) -> rules.Usage:
    return rules.Usage(
        left=left(rows, pool),
        total=_used(rows, pool, 0, ""),
        player_day=_used(rows, pool, player, rules.utc_day(now)),
        last_at=rows.value("select max(last_at) from pool_usage where pool = ? and player = ?", pool, player),
    )


def _used(rows: Rows, pool: int, player: int, day: str) -> int:
    found = rows.value(
        "select amount from pool_usage where pool = ? and player = ? and day = ?", pool, player, day
    )
    return int(found or 0)


def _use(tx: Tx, pool: int, player: int, amount: int, at: float) -> None:
    for who, day in ((0, ""), (player, rules.utc_day(at))):
        tx.execute(
            "insert into pool_usage (pool, player, day, amount, last_at) values (?, ?, ?, ?, ?)"
            " on conflict (pool, player, day) do update"
            " set amount = excluded.amount, last_at = max(last_at, excluded.last_at)",
            pool, who, day, str(_used(tx, pool, who, day) + amount), at,
        )  # fmt: skip


def _reserve(tx: Tx, claim: int, pool: int, amount: int) -> None:
    ledger.post(
        tx,
        "claim.booked",
        f"claim:{claim}:booked",
        {f"pool:{pool}": -amount, f"pool_reserved:{pool}": amount},
    )


def _tell(tx: Tx, claim: Claim, before: str) -> None:
    tx.emit(
        ClaimChanged(
            at=tx.now, claim=claim.id, placement=claim.placement, player=claim.player, amount=claim.amount,
            before=before, after=claim.state, tx=claim.tx, reason=claim.reason,
        )
    )  # fmt: skip


def _claim(row: Row) -> Claim:
    values: dict[str, Any] = {name: row[name] for name in Claim.__slots__}
    values["amount"] = int(values["amount"])
    return Claim(**values)


def _pool(row: Row) -> Pool:
    return Pool(
        id=int(row["id"]), placement=int(row["placement"]), name=str(row["name"]),
        per_claim=int(row["per_claim"]), per_player_day=int(row["per_player_day"]), total=int(row["total"]),
        cooldown=float(row["cooldown"]), min_presence=float(row["min_presence"]),
    )  # fmt: skip
