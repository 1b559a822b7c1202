"""Payments that a player is asked for: a transfer of LIVE by the own wallet, or a signature under typed data.

    asked -> sent (the wallet named a transaction) -> paid        asked -> signed        ... -> over

What counts is the chain: a transfer pays when the follower reads it in a block, from this payer, to this receiver, of
this amount, after the payment was asked for. What a browser says only helps to show where it stands. Each transfer
pays one payment, each `key` of an asker is one payment, and money that comes late is still booked as paid.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from contracts.chain import Chain, ChainEvent
from contracts.typed import Typed
from host.accounts.addresses import checked
from host.economy.follower import Write, cursor
from host.errors import MallError
from host.events import LiveMoved, PaymentChanged
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

TRANSFER: Final = "transfer"
SIGNATURE: Final = "signature"
LIFE_S: Final = 900.0
MAX_PURPOSE: Final = 120
MAX_KEY: Final = 200
MAX_OPEN: Final = 20
"""Payments that one player may be asked for at a time."""
FLOW: Final[dict[str, tuple[str, ...]]] = {
    "asked": ("sent", "paid", "signed", "over"),
    "sent": ("asked", "paid", "over"),  # asked again when the chain refused the transaction
    "over": ("paid",),
    "paid": (),
    "signed": (),
}


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment.

    Attributes:
        key: its asker's, unique.
        payer: the wallet that must pay or sign.
        amount: wei of LIVE; 0 for a signature.
        typed: what a wallet signs, as JSON, with its `digest`; "" for a transfer.
        since: the chain's head when it was asked for; older transfers pay nothing.
        until: when it ends unpaid (seconds, UTC).
        reason: why it went back or ended, "" else.
    """

    id: int
    key: str
    player: int
    kind: str
    payer: str
    receiver: str
    amount: int
    purpose: str
    typed: str
    digest: str
    state: str
    tx: str
    signature: bytes
    reason: str
    since: int
    created: float
    until: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks a player for. `typed` makes it a signature, of no amount."""

    key: str
    player: int
    payer: str
    receiver: str
    amount: int
    purpose: str
    typed: Typed | None = None


def ask(tx: Tx, wanted: Wanted, since: int) -> Payment:
    """Ask a player; the same key is the same payment.

    Raises:
        MallError: payment.bad, payment.key_taken when the key stands for something else, payment.too_many.
    """
    payer, receiver = checked(wanted.payer), checked(wanted.receiver)
    problem = _problem(wanted, payer, receiver)
    if problem:
        raise MallError(
            "payment.bad", f"This payment cannot be asked for: {problem}.", key=wanted.key[:MAX_KEY]
        )
    typed = json.dumps(wanted.typed.payload(), sort_keys=True) if wanted.typed else ""
    found = by_key(tx, wanted.key)
    if found is not None:
        same = (found.player, found.payer, found.receiver, found.amount, found.typed)
        if same != (wanted.player, payer, receiver, wanted.amount, typed):
            raise MallError(
                "payment.key_taken",
                f"{wanted.key!r} is another payment already; use a new key.",
                key=wanted.key,
            )
        return found
    if len(open_of(tx, wanted.player)) >= MAX_OPEN:
        raise MallError("payment.too_many", f"A player has at most {MAX_OPEN} open payments.", limit=MAX_OPEN)
    number = tx.insert(
        "payments", key=wanted.key, player=wanted.player, kind=SIGNATURE if wanted.typed else TRANSFER, payer=payer,
        receiver=receiver, amount=str(wanted.amount), purpose=wanted.purpose, typed=typed,
        digest=wanted.typed.digest.hex() if wanted.typed else "", state="asked", tx="", signature=b"", reason="",
        since=since, created=tx.now, until=tx.now + LIFE_S,
    )  # fmt: skip
    tx.audit(
        "host", "payment.asked", f"payment:{number}", after="asked", reason=wanted.purpose,
        payer=payer, receiver=receiver, wei=str(wanted.amount), key=wanted.key,
    )  # fmt: skip
    made = get(tx, number)
    _tell(tx, made, "")
    return made


def sent(tx: Tx, number: int, tx_hash: str) -> Payment:
    """The wallet says that this transaction pays; believed when it is read from the chain.

    Raises:
        MallError: payment.unknown, payment.not_now.
    """
    found = get(tx, number)
    if found.state == "sent" and found.tx == tx_hash:
        return found
    if found.kind != TRANSFER or found.state not in ("asked", "sent"):
        raise MallError("payment.not_now", f"Payment {number} is {found.state} already.", state=found.state)
    if tx.one("select 1 from payments where tx = ? and state = 'paid'", tx_hash):
        raise MallError("payment.used", "This transaction has paid another payment.", tx=tx_hash)
    return (
        _move(tx, found, "sent", tx=tx_hash, reason="")
        if found.state == "asked"
        else _rename(tx, found, tx_hash)
    )


def signed(tx: Tx, number: int, signature: bytes) -> Payment:
    """The payer has signed; the caller has checked it.

    Raises:
        MallError: payment.unknown, payment.not_now.
    """
    found = get(tx, number)
    if found.state == "signed" and found.signature == signature:
        return found
    return _move(tx, found, "signed", signature=signature)


def transferred(tx: Tx, event: ChainEvent) -> None:
    """A transfer of LIVE was read from the chain: what it pays is paid."""
    if event.name != "Transfer":
        return
    source, target, amount = (
        cast(str, event.args["from"]),
        cast(str, event.args["to"]),
        cast(int, event.args["value"]),
    )
    tx.emit(LiveMoved(at=tx.now, source=source, target=target, amount=amount, tx=event.tx_hash))
    row = tx.one(
        "select * from payments where payer = ? and receiver = ? and amount = ? and kind = 'transfer'"
        " and state in ('asked', 'sent', 'over') and since < ?"
        " order by tx = ? desc, state = 'over', id limit 1",
        source, target, str(amount), event.block, event.tx_hash,
    )  # fmt: skip
    if row is not None:
        found = _payment(row)
        late = "payment.late" if found.state == "over" else ""
        _move(tx, found, "paid", tx=event.tx_hash, reason=late)


def expire(tx: Tx) -> list[Payment]:
    """End what was not paid in time. What the wallet has sent is waited for."""
    rows = tx.all("select * from payments where state = 'asked' and until <= ?", tx.now)
    return [_move(tx, _payment(row), "over", reason="payment.too_late") for row in rows]


def look_after(write: Write, rows: Rows, chain: Chain, now: float) -> None:
    """Ask the chain for what wallets have sent: a refused transaction puts its payment back. Ends late ones.

    Args:
        now: seconds, UTC.

    Raises:
        ChainError: the chain failed; call again later.
    """
    for found in [
        _payment(row) for row in rows.all("select * from payments where state = 'sent' order by id")
    ]:
        receipt = chain.receipt(found.tx)
        # The follower reads a block after it is final; only then it is certain that this one pays nothing.
        if receipt is None:
            if now > found.until:
                write(partial(_give_up, seen=found))
        elif receipt.finalized and (receipt.status == 0 or cursor(rows) >= receipt.block):
            why = "payment.refused" if receipt.status == 0 else "payment.other_transfer"
            write(partial(_put_back, seen=found, why=why))
    if rows.one("select 1 from payments where state = 'asked' limit 1"):
        write(expire)


def cancel(tx: Tx, number: int, reason: str) -> Payment:
    """The asker wants it no more; one that is over or paid stays so.

    Raises:
        MallError: payment.unknown, payment.not_now when the wallet has sent it already.
    """
    found = get(tx, number)
    if found.state == "sent":
        raise MallError("payment.not_now", f"Payment {number} is sent already.", state=found.state)
    return _move(tx, found, "over", reason=reason) if found.state == "asked" else found


def get(rows: Rows, number: int) -> Payment:
    """The payment with this id.

    Raises:
        MallError: payment.unknown.
    """
    row = rows.one("select * from payments where id = ?", number)
    if row is None:
        raise MallError("payment.unknown", f"There is no payment {number}.", number=number)
    return _payment(row)


def by_key(rows: Rows, key: str) -> Payment | None:
    """The payment of an asker's key."""
    row = rows.one("select * from payments where key = ?", key)
    return None if row is None else _payment(row)


def open_of(rows: Rows, player: int) -> list[Payment]:
    """What a player is asked for and has not paid, oldest first."""
    return [
        _payment(row)
        for row in rows.all(
            "select * from payments where player = ? and state in ('asked', 'sent') order by id", player
        )
    ]


def _problem(wanted: Wanted, payer: str, receiver: str) -> str:
    purpose = wanted.purpose
    if not 1 <= len(wanted.key) <= MAX_KEY:
        return f"its key has 1 to {MAX_KEY} characters"
    if not 1 <= len(purpose) <= MAX_PURPOSE or not purpose.isprintable():
        return f"its purpose has 1 to {MAX_PURPOSE} printable characters"
    if wanted.typed is None and not 0 < wanted.amount < 1 << 96:
        return "the amount is above 0 and below 2^96 wei"
    if wanted.typed is not None and wanted.amount:
        return "a signature has no amount of its own"
    return "payer and receiver are the same wallet" if payer == receiver else ""


def _put_back(tx: Tx, seen: Payment, why: str) -> None:
    found = get(tx, seen.id)
    if found.state == "sent" and found.tx == seen.tx:
        _move(tx, found, "asked", tx="", reason=why)


def _give_up(tx: Tx, seen: Payment) -> None:
    found = get(tx, seen.id)
    if found.state == "sent" and found.tx == seen.tx:
        _move(tx, found, "over", reason="payment.never_mined")


def _rename(tx: Tx, found: Payment, tx_hash: str) -> Payment:
    """The wallet replaced its transaction by another one (a higher fee)."""
    tx.execute("update payments set tx = ? where id = ?", tx_hash, found.id)
    return get(tx, found.id)


def _move(unit: Tx, found: Payment, state: str, **values: Any) -> Payment:
    if state not in FLOW[found.state] or (state == "signed" and found.kind != SIGNATURE):
        raise MallError("payment.not_now", f"Payment {found.id} is {found.state} already.", state=found.state)
    names = ", ".join(f"{name} = ?" for name in values)
    unit.execute(f"update payments set state = ?, {names} where id = ?", state, *values.values(), found.id)  # noqa: S608
    moved = get(unit, found.id)
    unit.audit(
        "host", f"payment.{state}", f"payment:{found.id}", before=found.state, after=state, reason=moved.reason,
        tx=moved.tx,
    )  # fmt: skip
    _tell(unit, moved, found.state)
    return moved


def _tell(tx: Tx, moved: Payment, before: str) -> None:
    tx.emit(
        PaymentChanged(
            at=tx.now, payment=moved.id, key=moved.key, player=moved.player, before=before, after=moved.state,
            tx=moved.tx, reason=moved.reason,
        )
    )  # fmt: skip


def _payment(row: Row) -> Payment:
    return Payment(**{**{name: row[name] for name in Payment.__slots__}, "amount": int(row["amount"])})
