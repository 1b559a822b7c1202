"""The double-entry ledger: every posting sums to zero, is booked once, and leaves no account where it must not be.

Liabilities are positive, holdings on the chain negative: funding a pool with 5 adds -5 to `chain:vault:<pool id>`
(the vault holds 5) and +5 to `pool:<id>` (we owe 5 to future winners). All amounts are integer wei.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from host.economy.models import Line, Posting
from host.errors import MallError
from host.events import LedgerPosted
from host.storage.rows import Rows
from host.storage.tx import Tx

LIABILITY: Final = 1
HOLDING: Final = -1

KINDS: Final[dict[str, int]] = {
    "pool": LIABILITY,  # free prize money of a pool
    "pool_reserved": LIABILITY,  # promised by booked claims
    "player": LIABILITY,  # owed to an account, in the distributor
    "unassigned": LIABILITY,  # funded on the chain for a pool that we do not know
    "chain": HOLDING,  # what the vault's pools and the distributor hold
    "shortage": HOLDING,  # promised, but taken back on the chain by the funder: an operator must look
}
"""The sign that an account of a kind (the name up to the first colon) must keep."""


def post(tx: Tx, kind: str, key: str, lines: Mapping[str, int]) -> Posting:
    """Book `lines` (account to amount) once under `key`; the same again answers with the first posting.

    Raises:
        MallError: ledger.unbalanced, ledger.unknown_account, ledger.key_reused, ledger.insufficient.
    """
    wanted = tuple(Line(account, lines[account]) for account in sorted(lines))
    known = find(tx, key)
    if known is not None:
        if (known.kind, known.lines) != (kind, wanted):
            raise MallError("ledger.key_reused", f"Posting {key} exists with other content.", key=key)
        return known
    if len(wanted) < 2 or any(line.amount == 0 for line in wanted) or sum(lines.values()) != 0:
        raise MallError("ledger.unbalanced", f"Posting {key} must have lines that sum to zero.", key=key)
    number = tx.insert("ledger_postings", kind=kind, key=key, at=tx.now)
    for line in wanted:
        _apply(tx, line, key)
        tx.insert("ledger_lines", posting=number, account=line.account, amount=str(line.amount))
    tx.emit(LedgerPosted(at=tx.now, posting=number, kind=kind))
    return Posting(number, kind, key, tx.now, wanted)


def find(rows: Rows, key: str) -> Posting | None:
    """The posting booked under `key`."""
    head = rows.one("select id, kind, key, at from ledger_postings where key = ?", key)
    if head is None:
        return None
    lines = rows.all(
        "select account, amount from ledger_lines where posting = ? order by account", head["id"]
    )
    return Posting(
        head["id"], head["kind"], head["key"], head["at"],
        tuple(Line(row["account"], int(row["amount"])) for row in lines),
    )  # fmt: skip


def balance(rows: Rows, account: str) -> int:
    """The account's balance; 0 before its first line."""
    return int(rows.value("select balance from ledger_accounts where name = ?", account) or 0)


def balances(rows: Rows, prefix: str) -> dict[str, int]:
    """Every account whose name begins with `prefix`, with its balance."""
    found = rows.all(
        "select name, balance from ledger_accounts where substr(name, 1, ?) = ?", len(prefix), prefix
    )
    return {str(row["name"]): int(row["balance"]) for row in found}


def check(rows: Rows) -> None:
    """Recompute the whole ledger from its lines and compare.

    Raises:
        MallError: ledger.broken, naming the first account or posting that does not fit.
    """
    sums: dict[str, int] = defaultdict(int)
    postings: dict[int, int] = {int(row["id"]): 0 for row in rows.all("select id from ledger_postings")}
    for row in rows.all("select posting, account, amount from ledger_lines"):
        sums[str(row["account"])] += int(row["amount"])
        if row["posting"] not in postings:
            raise _broken(f"posting {row['posting']} is missing")
        postings[row["posting"]] += int(row["amount"])
    for number, total in postings.items():
        if total != 0:
            raise _broken(f"posting {number} sums to {total}")
    stored = balances(rows, "")
    for account in sorted(sums.keys() | stored.keys()):
        if sums.get(account, 0) != stored.get(account):
            raise _broken(
                f"account {account} shows {stored.get(account)}, its lines sum to {sums.get(account, 0)}"
            )
        if sums[account] * _sign(account) < 0:
            raise _broken(f"account {account} is at {sums[account]}")


def _apply(tx: Tx, line: Line, key: str) -> None:
    sign = _sign(line.account)
    after = balance(tx, line.account) + line.amount
    if after * sign < 0:
        raise MallError(
            "ledger.insufficient",
            f"Posting {key} would leave {line.account} at {after} wei.",
            key=key, account=line.account, balance=str(after),
        )  # fmt: skip
    tx.execute(
        "insert into ledger_accounts (name, balance) values (?, ?)"
        " on conflict (name) do update set balance = excluded.balance",
        line.account,
        str(after),
    )


def _sign(account: str) -> int:
    kind, colon, name = account.partition(":")
    if kind not in KINDS or not colon or not name:
        raise MallError("ledger.unknown_account", f"{account} is no account of this ledger.", account=account)
    return KINDS[kind]


def _broken(what: str) -> MallError:
    return MallError(
        "ledger.broken", f"The ledger does not add up: {what}. Stop and restore a backup.", what=what
    )
