"""Tables of accounts, session tokens, moves to own wallets and payments."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from host.accounts.models import Account
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

MIGRATIONS = Migrations("accounts")


@MIGRATIONS()
def create(db: Database) -> None:
    accounts = db.table("accounts")
    accounts.create(
        {
            "id": int, "name": str, "address": str, "guest": int, "wallet": str, "roles": str, "color": int,
            "created": float,
        },
        pk="id",
        not_null={"name", "address", "guest", "wallet", "roles", "color", "created"},
    )  # fmt: skip
    accounts.create_index(["address"], unique=True)
    accounts.create_index(["name"])
    tokens = db.table("tokens")
    tokens.create(
        {"hash": str, "account": int, "created": float, "until": float},
        pk="hash",
        not_null={"account", "created", "until"},
        foreign_keys=[("account", "accounts", "id")],
    )
    tokens.create_index(["account"])


@MIGRATIONS()
def wallets(db: Database) -> None:
    db.table("wallet_moves").create(
        {
            "id": int, "account": int, "label": str, "source": str, "target": str, "state": str, "reason": str,
            "created": float,
        },
        pk="id",
        not_null={"account", "label", "source", "target", "state", "reason", "created"},
    )  # fmt: skip
    db.table("wallet_moves").create_index(["source"], unique=True)
    db.table("wallet_moves").create_index(["state"])
    payments = db.table("payments")
    payments.create(
        {
            "id": int, "key": str, "player": int, "kind": str, "payer": str, "receiver": str, "amount": str,
            "purpose": str, "typed": str, "digest": str, "state": str, "tx": str, "signature": bytes, "reason": str,
            "since": int, "created": float, "until": float,
        },
        pk="id",
        not_null={
            "key", "player", "kind", "payer", "receiver", "amount", "purpose", "typed", "digest", "state", "tx",
            "signature", "reason", "since", "created", "until",
        },
    )  # fmt: skip
    payments.create_index(["key"], unique=True)
    payments.create_index(["payer", "receiver", "amount"])
    payments.create_index(["player", "state"])


def account(row: Row) -> Account:
    """The row as an account."""
    return Account(
        id=row["id"],
        name=row["name"],
        address=row["address"],
        guest=bool(row["guest"]),
        wallet=row["wallet"],
        roles=frozenset(row["roles"].split()),
        color=row["color"],
        created=row["created"],
    )


def insert(tx: Tx, name: str, address: str, wallet: str, roles: frozenset[str], color: int) -> Account:
    """Add an account; a guest is one whose wallet the host keeps."""
    number = tx.insert(
        "accounts",
        name=name,
        address=address,
        guest=int(bool(wallet)),
        wallet=wallet,
        roles=spelled(roles),
        color=color,
        created=tx.now,
    )
    return Account(number, name, address, bool(wallet), wallet, roles, color, tx.now)


def spelled(roles: frozenset[str]) -> str:
    """Roles as they are kept in a column."""
    return " ".join(sorted(roles))


def by_id(rows: Rows, number: int) -> Account | None:
    """The account with this id."""
    row = rows.one("select * from accounts where id = ?", number)
    return account(row) if row else None


def by_address(rows: Rows, address: str) -> Account | None:
    """The account of this wallet (EIP-55 spelling)."""
    row = rows.one("select * from accounts where address = ?", address)
    return account(row) if row else None


def by_token(rows: Rows, digest: str, now: float) -> Account | None:
    """The account that a running session token belongs to."""
    row = rows.one(
        "select a.* from tokens t join accounts a on a.id = t.account where t.hash = ? and t.until > ?",
        digest,
        now,
    )
    return account(row) if row else None


def name_taken(rows: Rows, name: str) -> bool:
    """Whether some account has this very name."""
    return rows.one("select 1 from accounts where name = ? limit 1", name) is not None


def add_token(tx: Tx, number: int, digest: str, until: float, keep: int) -> None:
    """Add a token; drop the account's ended ones and all but the `keep` newest."""
    tx.execute("delete from tokens where account = ? and until <= ?", number, tx.now)
    tx.insert("tokens", hash=digest, account=number, created=tx.now, until=until)
    tx.execute(
        "delete from tokens where account = ? and hash not in"
        " (select hash from tokens where account = ? order by created desc, rowid desc limit ?)",
        number,
        number,
        keep,
    )


def drop_tokens(tx: Tx, number: int) -> None:
    """End every session token of an account."""
    tx.execute("delete from tokens where account = ?", number)


def set_wallet(tx: Tx, number: int, address: str) -> None:
    """Give an account an own wallet: it is no guest any more."""
    tx.execute("update accounts set address = ?, wallet = '', guest = 0 where id = ?", address, number)
