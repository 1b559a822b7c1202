"""Editions of Resources and who owns them, read from the chain's events: they go along with a guest's wallet.

An edition's number on the chain is its creation's, a multiple of 2**32, plus 1 to the count of editions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlite_utils import Database, Migrations

from contracts.chain import ChainEvent
from host.land.models import Title
from host.land.rules import lay
from host.storage.rows import Rows
from host.storage.tx import Tx

MIGRATIONS = Migrations("editions")
_BITS: Final = 32


@MIGRATIONS()
def create(db: Database) -> None:
    # SQLite holds no 256 bits: the creation is kept as hexadecimal text.
    db.table("editions").create(
        {"creation": str, "first": int, "last": int, "owner": str}, pk=("creation", "first"),
        not_null={"last", "owner"},
    )  # fmt: skip
    db.table("editions").create_index(["owner"])


def moved(tx: Tx, event: ChainEvent) -> None:
    """Take in an event of the Resource contract; the same event again changes nothing."""
    args: Any = event.args
    if event.name == "Transfer":
        first, last, to = args["tokenId"], args["tokenId"], args["to"]
    elif event.name == "ConsecutiveTransfer":
        first, last, to = args["fromTokenId"], args["toTokenId"], args["toAddress"]
    else:
        return
    creation, mask = f"{first >> _BITS:x}", (1 << _BITS) - 1
    title = Title(first & mask, last & mask, to)
    over = [
        Title(row["first"], row["last"], row["owner"])
        for row in tx.all(
            "select * from editions where creation = ? and first <= ? and last >= ?",
            creation, title.last, title.first,
        )
    ]  # fmt: skip
    for old in over:
        tx.execute("delete from editions where creation = ? and first = ?", creation, old.first)
    for kept in lay(title, over):
        tx.insert("editions", creation=creation, first=kept.first, last=kept.last, owner=kept.owner)


def of(rows: Rows, owner: str) -> Iterator[int]:
    """The numbers of all editions of an owner."""
    for row in rows.all("select * from editions where owner = ? order by creation, first", owner):
        creation = int(row["creation"], 16) << _BITS
        yield from range(creation + row["first"], creation + row["last"] + 1)
