"""The economy's tables. Amounts are TEXT decimals of wei: SQLite's integers are too small."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("economy")


@MIGRATIONS()
def create_ledger(db: Database) -> None:
    db.table("ledger_accounts").create(
        {"name": str, "balance": str}, pk="name", not_null={"balance"}, strict=True
    )
    db.table("ledger_postings").create(
        {"id": int, "kind": str, "key": str, "at": float},
        pk="id",
        not_null={"kind", "key", "at"},
        strict=True,
    )
    db.table("ledger_postings").create_index(["key"], unique=True)
    db.table("ledger_lines").create(
        {"posting": int, "account": str, "amount": str},
        pk=("posting", "account"),
        not_null={"amount"},
        foreign_keys=[("posting", "ledger_postings", "id"), ("account", "ledger_accounts", "name")],
        strict=True,
    )
    db.table("ledger_lines").create_index(["account"])


@MIGRATIONS()
def create_claims(db: Database) -> None:
    db.table("claims").create(
        {
            "id": int, "placement": int, "session": str, "number": int, "request": str, "pool": int, "player": int,
            "address": str, "amount": str, "state": str, "reason": str, "detail": str, "filed_at": float,
            "epoch": int, "tx": str,
        },
        pk="id",
        not_null={"placement", "session", "number", "request", "pool", "player", "address", "amount", "state",
                  "reason", "detail", "filed_at", "epoch", "tx"},
        strict=True,
    )  # fmt: skip
    db.table("claims").create_index(["placement", "session", "number"], unique=True)
    db.table("claims").create_index(["state", "id"])
    db.table("claims").create_index(["player", "id"])
    db.table("claims").create_index(["epoch"])
    # What was promised, so that no limit needs a sum over claims: day "" and player 0 hold the pool's total.
    db.table("pool_usage").create(
        {"pool": int, "player": int, "day": str, "amount": str, "last_at": float},
        pk=("pool", "player", "day"),
        not_null={"amount", "last_at"},
        strict=True,
    )
