"""Tables of land rights: titles as ranges that never overlap, uses as they were granted, Malls and Islands as wholes.

The titles tell of fused Tierra too: their owner is the Mall's.
"""

from __future__ import annotations

from typing import Literal

from sqlite_utils import Database, Migrations

from host.land import rules
from host.land.models import Title, Use
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

Kind = Literal["mall", "island"]
MIGRATIONS = Migrations("land")


@MIGRATIONS()
def create(db: Database) -> None:
    db.table("land_titles").create(
        {"first": int, "last": int, "owner": str}, pk="first", not_null={"last", "owner"}
    )
    db.table("land_titles").create_index(["owner"])
    db.table("land_uses").create(
        {"first": int, "last": int, "user": str, "until": int},
        pk=("first", "last"),
        not_null={"user", "until"},
    )
    db.table("land_uses").create_index(["user"])


@MIGRATIONS()
def deeds(db: Database) -> None:
    db.table("land_deeds").create(
        {"kind": str, "number": int, "owner": str}, pk=("kind", "number"), not_null={"owner"}
    )
    db.table("land_deeds").create_index(["owner"])
    db.table("island_uses").create(
        {"number": int, "user": str, "until": int}, pk="number", not_null={"user", "until"}
    )


def _title(row: Row) -> Title:
    return Title(row["first"], row["last"], row["owner"])


def _use(row: Row) -> Use:
    return Use(row["first"], row["last"], row["user"], row["until"])


def titles(rows: Rows, first: int, last: int) -> list[Title]:
    """Titles that touch `first`..`last`, ascending."""
    start = rows.value("select max(first) from land_titles where first <= ?", first)
    found = rows.all(
        "select * from land_titles where first between ? and ? order by first",
        -1 if start is None else start,
        last,
    )
    return [_title(row) for row in found if row["last"] >= first]


def titles_of(rows: Rows, owner: str) -> list[Title]:
    """Titles of one owner, ascending."""
    return [
        _title(row) for row in rows.all("select * from land_titles where owner = ? order by first", owner)
    ]


def put_title(tx: Tx, title: Title) -> None:
    """Lay a title over what was there."""
    old = titles(tx, title.first, title.last)
    for gone in old:
        tx.execute("delete from land_titles where first = ?", gone.first)
    for kept in rules.lay(title, old):
        tx.insert("land_titles", first=kept.first, last=kept.last, owner=kept.owner)


def put_use(tx: Tx, use: Use) -> None:
    """Set the use of exactly this range."""
    tx.execute(
        "insert or replace into land_uses (first, last, user, until) values (?, ?, ?, ?)",
        use.first,
        use.last,
        use.user,
        use.until,
    )


def use_of(rows: Rows, tierra: int, now: float) -> Use | None:
    """The running use that governs one Tierra: the smallest granted range around it.

    The last second of a use counts (ERC-4907, as Tierra.sol reads it).
    """
    for first, last in rules.aligned_ranges(tierra):
        row = rows.one(
            "select * from land_uses where first = ? and last = ? and until >= ?", first, last, int(now)
        )
        if row is not None:
            return _use(row)
    return None


def uses(rows: Rows, first: int, last: int, now: float) -> list[Use]:
    """Running uses that touch `first`..`last`."""
    found = rows.all(
        "select * from land_uses where first between ? and ? and last >= ? and until >= ? order by first, last desc",
        first - first % 1024,
        last,
        first,
        int(now),
    )
    return [_use(row) for row in found]


def uses_of(rows: Rows, user: str, now: float) -> list[Use]:
    """Running uses of one tenant."""
    found = rows.all(
        "select * from land_uses where user = ? and until >= ? order by first, last desc", user, int(now)
    )
    return [_use(row) for row in found]


def drop_use(tx: Tx, first: int, last: int) -> None:
    """End the use of exactly this range."""
    tx.execute("delete from land_uses where first = ? and last = ?", first, last)


def put_deed(tx: Tx, kind: Kind, number: int, owner: str) -> None:
    """Set the owner of a Mall or Island."""
    tx.execute(
        "insert or replace into land_deeds (kind, number, owner) values (?, ?, ?)", kind, number, owner
    )


def drop_mall(tx: Tx, number: int) -> None:
    """Forget a Mall that was taken apart."""
    tx.execute("delete from land_deeds where kind = 'mall' and number = ?", number)


def deed_owner(rows: Rows, kind: Kind, number: int) -> str | None:
    """Who owns a Mall or Island as a whole; None where there is none."""
    found = rows.value("select owner from land_deeds where kind = ? and number = ?", kind, number)
    return None if found is None else str(found)


def deeds_of(rows: Rows, owner: str) -> list[tuple[Kind, int]]:
    """Malls and Islands of one owner: kind and number."""
    found = rows.all("select kind, number from land_deeds where owner = ? order by kind, number", owner)
    return [(row["kind"], row["number"]) for row in found]


def put_island_use(tx: Tx, number: int, user: str, until: int) -> None:
    """Set the tenant of an Island."""
    tx.execute(
        "insert or replace into island_uses (number, user, until) values (?, ?, ?)", number, user, until
    )


def island_use(rows: Rows, number: int, now: float) -> tuple[str, int] | None:
    """The running lease of an Island: tenant and last second (UTC)."""
    row = rows.one("select user, until from island_uses where number = ? and until >= ?", number, int(now))
    return None if row is None else (row["user"], row["until"])
