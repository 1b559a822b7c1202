"""The query surface that readers and transactions share."""

from __future__ import annotations

import sqlite3
from typing import Any

Row = sqlite3.Row


class Rows:
    """Runs queries on one connection. Rows can be read by column name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._own = connection

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._own

    def all(self, sql: str, *params: Any) -> list[Row]:
        """All rows."""
        rows: list[Row] = self._connection.execute(sql, params).fetchall()
        return rows

    def one(self, sql: str, *params: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, params).fetchone()
        return row

    def value(self, sql: str, *params: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, *params)
        return None if row is None else row[0]
