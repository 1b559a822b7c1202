"""One unit of work: what a service does is durable as a whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from host.events import Event
from host.storage import audit
from host.storage.rows import Rows


class Tx(Rows):
    """An open transaction, handed to services by the writer.

    Attributes:
        now: the host's clock when the unit of work began (seconds, UTC).
        events: what to tell once it is committed.
    """

    def __init__(self, connection: sqlite3.Connection, now: float) -> None:
        super().__init__(connection)
        self.now = now
        self.events: list[Event] = []

    def execute(self, sql: str, *params: Any) -> int:
        """Run one statement; returns the number of rows that it changed."""
        return self._connection.execute(sql, params).rowcount

    def insert(self, table: str, **values: Any) -> int:
        """Insert one row; returns its rowid. Names come from our code, never from outside."""
        columns = ", ".join(values)
        marks = ", ".join("?" * len(values))
        cursor = self._connection.execute(
            f"insert into {table} ({columns}) values ({marks})",  # noqa: S608
            tuple(values.values()),
        )
        return int(cursor.lastrowid or 0)

    def emit(self, event: Event) -> None:
        """Tell `event` after the commit."""
        self.events.append(event)

    def audit(
        self,
        actor: str,
        action: str,
        subject: str,
        *,
        before: str = "",
        after: str = "",
        reason: str = "",
        **facts: Any,
    ) -> None:
        """Add one row to the hash-chained audit trail (see `host.storage.audit`)."""
        head = self.one("select seq, hash from audit order by seq desc limit 1")
        entry = audit.Entry(
            seq=1 if head is None else int(head["seq"]) + 1,
            at=round(self.now, 3),
            actor=actor,
            action=action,
            subject=subject,
            before=before,
            after=after,
            reason=reason,
            facts=json.dumps(facts, sort_keys=True, separators=(",", ":")),
            previous=audit.GENESIS if head is None else str(head["hash"]),
        )
        self.insert("audit", **audit.row(entry))
