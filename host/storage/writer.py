"""The single writer: one thread, one connection, group commit.

Units of work queue up; the thread takes all that wait, runs each in a savepoint of its own, commits once and
only then answers, so an acknowledged change is on disk and a failed one leaves no trace.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Migrations

from host.events import Event
from host.storage.database import connect, migrate, storage_error
from host.storage.tx import Tx

log = logging.getLogger(__name__)
T = TypeVar("T")
MAX_GROUP = 512
GROUP_ERRORS = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY,
     sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY}
)  # fmt: skip
"""SQLite's result codes after which the whole transaction has to go."""
_Job = tuple[Callable[[Tx], Any], "Future[Any]"]


class Writer:
    """Owns the writing connection of the database at `path`.

    Args:
        publish: gets the events of each unit of work after its commit, in the writer's thread.
        clock: the host's clock (seconds, UTC).
    """

    def __init__(
        self,
        path: Path,
        migrations: Iterable[Migrations],
        publish: Callable[[list[Event]], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._publish = publish
        self._clock = clock
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._connection = connect(path)
        try:
            migrate(self._connection, migrations)
        except sqlite3.Error as error:
            self._connection.close()
            raise storage_error(error, path) from error
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Run `work` in a transaction; the future answers after the commit, or with what `work` raised."""
        future: Future[T] = Future()
        self._jobs.put((work, future))
        return future

    def close(self) -> None:
        """Finish what is queued, then close the database."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while True:
            group, last = self._take()
            if group:
                self._commit(group)
            if last:
                return

    def _take(self) -> tuple[list[_Job], bool]:
        """Wait for one unit of work, then take the others that wait already."""
        job = self._jobs.get()
        group: list[_Job] = []
        while job is not None:
            group.append(job)
            if len(group) == MAX_GROUP:
                return group, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: list[_Job]) -> None:
        done: list[tuple[Future[Any], Any, list[Event]]] = []
        try:
            self._connection.execute("begin immediate")
            for work, future in group:
                if future.set_running_or_notify_cancel():
                    self._attempt(work, future, done)
            self._connection.execute("commit")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            for _, future in group:
                if not future.done():
                    future.set_exception(storage_error(error, self._path))
            return
        for future, result, events in done:
            if events:
                self._tell(events)
            future.set_result(result)

    def _tell(self, events: list[Event]) -> None:
        """What listens may fail; the change is durable all the same, and the next one must find a writer."""
        try:
            self._publish(events)
        except Exception:
            log.exception("events of a committed change could not be told")

    def _attempt(
        self, work: Callable[[Tx], Any], future: Future[Any], done: list[tuple[Future[Any], Any, list[Event]]]
    ) -> None:
        """Run one unit of work in a savepoint: its failure undoes it alone."""
        tx = Tx(self._connection, self._clock())
        self._connection.execute("savepoint work")
        try:
            result = work(tx)
        except BaseException as error:
            if (
                isinstance(error, sqlite3.Error)
                and getattr(error, "sqlite_errorcode", 0) & 0xFF in GROUP_ERRORS
            ):
                raise  # the disk or the file failed, not this unit alone
            self._connection.execute("rollback to work")
            self._connection.execute("release work")
            future.set_exception(error)
            return
        self._connection.execute("release work")
        done.append((future, result, tx.events))
