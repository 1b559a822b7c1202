"""Tables of what went wrong in placements: the last faults of each, and the strikes that may pause it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlite_utils import Database, Migrations

from host.placements.faults import FaultNote, Strike
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

KEPT = 50
"""Rows of one placement; equal faults share a row until another comes between."""
MIGRATIONS = Migrations("placement_faults")


@MIGRATIONS()
def create(db: Database) -> None:
    faults = {
        "id": int, "placement": int, "version": str, "code": str, "message": str, "at": float, "last": float,
        "times": int, "file": str, "line": int, "handler": str, "trace": str, "allowed": float, "used": float,
    }  # fmt: skip
    strikes = {"id": int, "placement": int, "at": float, "code": str}
    for table, columns in (("placement_faults", faults), ("placement_strikes", strikes)):
        db.table(table).create(
            columns,
            pk="id",
            not_null=set(columns) - {"id"},
            foreign_keys=[("placement", "placements", "id")],
        )
        db.table(table).create_index(["placement"])


def _fault(row: Row) -> FaultNote:
    return FaultNote(
        code=row["code"], message=row["message"], at=row["at"], last=row["last"], times=row["times"], file=row["file"],
        line=row["line"], handler=row["handler"], trace=row["trace"], limit=row["allowed"], used=row["used"],
    )  # fmt: skip


def note(tx: Tx, placement: int, version: str, fault: FaultNote) -> None:
    """Keep a fault: counted into the newest row where it is of the same kind and version, else a row of its own."""
    newest = tx.one("select * from placement_faults where placement = ? order by id desc limit 1", placement)
    if newest is not None and newest["version"] == version and _fault(newest).kind == fault.kind:
        fault = _fault(newest).again(fault)
        tx.execute("delete from placement_faults where id = ?", newest["id"])
    fault = replace(fault, times=min(fault.times, 1 << 53))
    tx.insert(
        "placement_faults", placement=placement, version=version, code=fault.code, message=fault.message,
        at=fault.at, last=fault.last, times=fault.times, file=fault.file, line=fault.line, handler=fault.handler,
        trace=fault.trace, allowed=fault.limit, used=fault.used,
    )  # fmt: skip
    tx.execute(
        "delete from placement_faults where placement = ? and id not in"
        " (select id from placement_faults where placement = ? order by id desc limit ?)",
        placement,
        placement,
        KEPT,
    )


def faults(rows: Rows, placement: int) -> list[tuple[str, FaultNote]]:
    """The last faults of a placement with the version that made them, newest first."""
    found = rows.all("select * from placement_faults where placement = ? order by id desc", placement)
    return [(str(row["version"]), _fault(row)) for row in found]


def strikes(rows: Rows, placement: int) -> list[Strike]:
    """The strikes of a placement, oldest first."""
    found = rows.all("select at, code from placement_strikes where placement = ? order by id", placement)
    return [Strike(row["at"], row["code"]) for row in found]


def set_strikes(tx: Tx, placement: int, now: Iterable[Strike]) -> None:
    """Replace the strikes of a placement."""
    tx.execute("delete from placement_strikes where placement = ?", placement)
    for strike in now:
        tx.insert("placement_strikes", placement=placement, at=strike.at, code=strike.code)
