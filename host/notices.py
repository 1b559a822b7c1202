"""Notices: what the host has to tell the holder of a wallet, kept until it is read, the last hundred of each."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from host.events import NoticeSent
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

KEPT = 100
MIGRATIONS = Migrations("notices")


@MIGRATIONS()
def create(db: Database) -> None:
    columns = {"id": int, "at": float, "address": str, "subject": str, "kind": str, "text": str, "seen": int}
    db.table("notices").create(columns, pk="id", not_null=set(columns) - {"id"})
    db.table("notices").create_index(["address"])
    db.table("notices").create_index(["subject"])


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to the wallet `address` on `subject` (as in the audit trail), sent at `at` (seconds, UTC).

    `seen` is set once it was shown to the player who signed in with that wallet.
    """

    id: int
    at: float
    address: str
    subject: str
    kind: str
    text: str
    seen: bool


def _notice(row: Row) -> Notice:
    return Notice(**{**{name: row[name] for name in Notice.__slots__}, "seen": bool(row["seen"])})


def send(tx: Tx, address: str, subject: str, kind: str, text: str) -> None:
    """Keep a notice and tell it once it is durable; the oldest beyond the last hundred of an address go."""
    number = tx.insert("notices", at=tx.now, address=address, subject=subject, kind=kind, text=text, seen=0)
    tx.execute(
        "delete from notices where address = ? and id not in"
        " (select id from notices where address = ? order by id desc limit ?)",
        address,
        address,
        KEPT,
    )
    tx.emit(NoticeSent(at=tx.now, notice=number, address=address, subject=subject, text=text))


def of_address(rows: Rows, address: str, *, unseen: bool = False, limit: int = KEPT) -> list[Notice]:
    """The notices to a wallet, newest first."""
    which = " and seen = 0" if unseen else ""
    found = rows.all(
        f"select * from notices where address = ?{which} order by id desc limit ?",  # noqa: S608 - a fixed text
        address,
        limit,
    )
    return [_notice(row) for row in found]


def latest(rows: Rows, limit: int = KEPT) -> list[Notice]:
    """The newest notices to anybody."""
    return [_notice(row) for row in rows.all("select * from notices order by id desc limit ?", limit)]


def by_id(rows: Rows, number: int) -> Notice | None:
    """The notice with this id."""
    row = rows.one("select * from notices where id = ?", number)
    return _notice(row) if row else None


def mark_seen(tx: Tx, address: str, newest: int) -> None:
    """All notices of a wallet up to `newest` were shown."""
    tx.execute("update notices set seen = 1 where address = ? and id <= ? and seen = 0", address, newest)
