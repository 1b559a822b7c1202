"""Opens the host's one SQLite database, checks it, and brings its tables up to date."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

from sqlite_utils import Database, Migrations

from host.errors import MallError
from host.storage.rows import Rows


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open `path` (WAL, every commit synced to disk, foreign keys on).

    Raises:
        MallError: storage.corrupt, storage.unreadable.
    """
    mode = "ro" if read_only else "rwc"
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=10,
        )
        connection.row_factory = sqlite3.Row
        if not read_only:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        damage = connection.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise storage_error(error, path) from error
    if damage != "ok":
        raise storage_error(sqlite3.DatabaseError(str(damage)), path)
    return connection


def storage_error(error: sqlite3.Error, path: Path) -> MallError:
    """Say what a SQLite failure means and what to do."""
    text = str(error)
    if "disk is full" in text or "disk I/O" in text:
        return MallError(
            "storage.disk_full",
            f"The disk refused a write to {path.name} ({text}); nothing is half done. Free some space.",
            path=str(path),
        )
    if isinstance(error, sqlite3.OperationalError) and ("locked" in text or "busy" in text):
        return MallError(
            "storage.busy",
            f"Another program holds {path.name} ({text}); nothing was written. Close it and try again.",
            path=str(path),
        )
    if isinstance(error, sqlite3.OperationalError) and ("unable to open" in text or "readonly" in text):
        return MallError(
            "storage.unreadable",
            f"{path} cannot be opened ({text}). Check that the folder exists and that you may write to it.",
            path=str(path),
        )
    return MallError(
        "storage.corrupt",
        f"{path} is not a sound database ({text}). Keep a copy, then restore the data folder from a backup.",
        path=str(path),
    )


def migrate(connection: sqlite3.Connection, sets: Iterable[Migrations]) -> None:
    """Apply every pending migration; each is one transaction with its own record."""
    database = Database(connection)
    for migrations in sets:
        migrations.apply(database)


def open_reader(path: Path) -> Rows:
    """A read-only view that sees every committed change; for one thread."""
    return Rows(connect(path, read_only=True))


class ThreadRows(Rows):
    """A read-only view for every thread: each has a connection of its own, so none sees another's snapshot."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    @property
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = connect(self._path, read_only=True)
        return found
