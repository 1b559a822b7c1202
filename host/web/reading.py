"""Reads the host's database: one snapshot a page, lists by page, hostile numbers checked."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from host.errors import MallError
from host.storage.database import open_reader, storage_error
from host.storage.rows import Rows

T = TypeVar("T")
PAGE_SIZE: Final = 25
MAX_NUMBER: Final = 2**53


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `number` counts from 1 to `pages`; `total` is the length of the whole list."""

    items: Sequence[T]
    number: int
    pages: int
    total: int


class Readers:
    """Read-only connections to the database at `path`, opened when they are needed and used again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: queue.LifoQueue[Rows] = queue.LifoQueue()

    @contextmanager
    def snapshot(self) -> Iterator[Rows]:
        """Committed data as of one moment; the host's writer is never held up (WAL).

        Raises:
            MallError: storage.unreadable, storage.corrupt, console.no_tables.
        """
        try:
            rows = self._idle.get_nowait()
        except queue.Empty:
            rows = open_reader(self._path)
        try:
            rows.all("begin")
            yield rows
            rows.all("rollback")
        except sqlite3.Error as error:
            raise self._meaning(error) from error
        except BaseException:
            rows.all("rollback")
            self._idle.put(rows)
            raise
        self._idle.put(rows)

    def _meaning(self, error: sqlite3.Error) -> MallError:
        if "no such table" in str(error) or "no such column" in str(error):
            return MallError(
                "console.no_tables",
                "The database is not laid out for this version yet. Start the host with `mall play`.",
            )
        return storage_error(error, self._path)


def number(query: Mapping[str, str], name: str) -> int | None:
    """A whole number of the query, 0 to 2^53; None for anything else."""
    text = query.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= MAX_NUMBER:
        return int(text)
    return None


def one_of(query: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    """A word of the query that must be one of `known`; "" for anything else."""
    text = query.get(name, "")
    return text if text in known else ""


def cut(items: Sequence[T], query: Mapping[str, str], size: int = PAGE_SIZE) -> Page[T]:
    """The page of a list in memory that the query asks for; the nearest one where there is none."""
    at, pages = _place(len(items), query, size)
    return Page(items[(at - 1) * size : at * size], at, pages, len(items))


def listing(
    rows: Rows,
    source: str,
    order: str,
    params: Sequence[object],
    query: Mapping[str, str],
    get: Callable[[int], T],
    *,
    key: str = "id",
    size: int = PAGE_SIZE,
) -> Page[T]:
    """The page that the query asks for of `source` (a table and its conditions, our own SQL), each item by `get`."""
    total = int(rows.value(f"select count(*) from {source}", *params))  # noqa: S608
    at, pages = _place(total, query, size)
    found = rows.all(
        f"select {key} from {source} order by {order} limit ? offset ?",  # noqa: S608
        *params, size, (at - 1) * size,
    )  # fmt: skip
    return Page([get(int(row[0])) for row in found], at, pages, total)


def _place(total: int, query: Mapping[str, str], size: int) -> tuple[int, int]:
    pages = max(1, -(-total // size))
    return min(max(number(query, "page") or 1, 1), pages), pages
