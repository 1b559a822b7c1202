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


@MIGRATIONS()
def create_settlement(db: Database) -> None:
    db.table("chain_cursor").create({"name": str, "block": int}, pk="name", not_null={"block"}, strict=True)
    # The vault's pools by their id on the chain; pool 0: funded for a number that is no pool of ours.
    db.table("vault_pools").create(
        {"id": str, "pool": int, "funder": str}, pk="id", not_null={"pool", "funder"}, strict=True
    )
    db.table("vault_pools").create_index(["pool"])
    # What each address has won in all and what of it reached the wallet.
    db.table("recipients").create(
        {"address": str, "won": str, "paid": str}, pk="address", not_null={"won", "paid"}, strict=True
    )
    db.table("epochs").create(
        {"number": int, "state": str, "root": str, "digest": str, "total": str, "closed_at": float},
        pk="number",
        not_null={"state", "root", "digest", "total", "closed_at"},
        strict=True,
    )
    db.table("epoch_draws").create(
        {"epoch": int, "vault_pool": str, "amount": str},
        pk=("epoch", "vault_pool"),
        not_null={"amount"},
        foreign_keys=[("epoch", "epochs", "number"), ("vault_pool", "vault_pools", "id")],
        strict=True,
    )
    db.table("epoch_entries").create(
        {"epoch": int, "address": str, "won": str, "step": str},
        pk=("epoch", "address"),
        not_null={"won", "step"},
        foreign_keys=[("epoch", "epochs", "number"), ("address", "recipients", "address")],
        strict=True,
    )
    db.table("outbox").create(
        {
            "id": int, "chain": int, "contract": str, "epoch": int, "step": str, "state": str, "data": bytes,
            "sender": str, "nonce": int, "raw": bytes, "tx_hash": str, "block": int, "reason": str,
        },
        pk="id",
        not_null={"chain", "contract", "epoch", "step", "state", "data", "reason"},
        foreign_keys=[("epoch", "epochs", "number")],
        strict=True,
    )  # fmt: skip
    db.table("outbox").create_index(["chain", "contract", "epoch", "step"], unique=True)
    db.table("outbox").create_index(["state", "id"])
    db.table("nonces").create(
        {"chain": int, "address": str, "next": int}, pk=("chain", "address"), not_null={"next"}, strict=True
    )


@MIGRATIONS()
def create_evidence(db: Database) -> None:
    # How far the session's recording was on the disk when the claim was decided; `problem` says why not.
    db.table("claim_evidence").create(
        {"claim": int, "at": int, "check": str, "problem": str},
        pk="claim",
        not_null={"at", "check", "problem"},
        foreign_keys=[("claim", "claims", "id")],
        strict=True,
    )


@MIGRATIONS()
def create_finality(db: Database) -> None:
    # The hash of the last block that was read, so that another chain or a broken promise of finality is seen.
    db.table("chain_cursor").add_column("hash", str, not_null_default="")
    # Steps of no epoch are the host's own: payments of the treasury, pools that go back to their funder.
    db.table("outbox").add_column("block_hash", str, not_null_default="")
    db.table("outbox").transform(not_null={"epoch": False})
    db.execute("create unique index outbox_own_steps on outbox (step) where epoch is null")
    # All bytes that were ever signed for a step: any of them may be mined.
    db.table("outbox_variants").create(
        {
            "tx_hash": str,
            "step": int,
            "chain": int,
            "sender": str,
            "nonce": int,
            "raw": bytes,
            "signed_at": float,
        },
        pk="tx_hash",
        not_null={"step", "chain", "sender", "nonce", "raw", "signed_at"},
        foreign_keys=[("step", "outbox", "id")],
        strict=True,
    )
    db.table("outbox_variants").create_index(["step"])
    db.execute(
        "insert into outbox_variants (tx_hash, step, chain, sender, nonce, raw, signed_at)"
        " select tx_hash, id, chain, sender, nonce, raw, 0.0 from outbox where tx_hash != ''"
    )
    # The last comparison of books and chain; `differences` "" when they agreed.
    db.table("reconciliations").create(
        {"name": str, "at": float, "block": int, "figures": int, "differences": str},
        pk="name",
        not_null={"at", "block", "figures", "differences"},
        strict=True,
    )
