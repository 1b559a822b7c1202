"""The audit trail: each row holds the hash of the one before, so nobody can change the past unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database, Migrations

from host.errors import MallError
from host.storage.rows import Row

GENESIS = "0" * 64
MIGRATIONS = Migrations("audit")


@MIGRATIONS()
def create(db: Database) -> None:
    db.table("audit").create(
        {
            "seq": int, "at": float, "actor": str, "action": str, "subject": str, "before": str, "after": str,
            "reason": str, "facts": str, "previous": str, "hash": str,
        },
        pk="seq",
        not_null={"at", "actor", "action", "subject", "previous", "hash"},
    )  # fmt: skip
    db.table("audit").create_index(["subject"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: who did what to which subject, from which state to which, and why. `at` in seconds, UTC."""

    seq: int
    at: float
    actor: str
    action: str
    subject: str
    before: str
    after: str
    reason: str
    facts: str
    previous: str


def digest(entry: Entry) -> str:
    """SHA-256 of the entry's canonical JSON (sorted keys, no spaces), the previous row's hash included."""
    text = json.dumps(asdict(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def row(entry: Entry) -> dict[str, Any]:
    """The entry as a table row."""
    return {**asdict(entry), "hash": digest(entry)}


def verify(rows: Iterable[Row]) -> str:
    """Check the whole chain, oldest first; returns its head hash.

    Raises:
        MallError: audit.broken, naming the first row that does not fit.
    """
    head, expected = GENESIS, 1
    for found in rows:
        entry = Entry(**{name: found[name] for name in Entry.__slots__})
        if entry.seq != expected or entry.previous != head or digest(entry) != found["hash"]:
            raise MallError(
                "audit.broken",
                f"Audit row {entry.seq} does not fit the one before: somebody changed it. Restore a backup.",
                row=entry.seq,
            )
        head, expected = str(found["hash"]), expected + 1
    return head
