"""The chain's file: trie nodes, blocks, transactions and logs in SQLite (WAL, synchronous FULL)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.address import keccak256
from contracts.errors import ChainError

# "mall" in SQLite's application_id, so that no other database is taken for a chain.
APPLICATION_ID = 0x6D616C6C
SCHEMA_VERSION = 2
SCHEMA = """
create table meta(name text primary key, value integer not null) without rowid;
create table node(key blob primary key, value blob not null) without rowid;
create table block(
  number integer primary key, hash blob not null unique, timestamp integer not null, root blob not null,
  gas_used integer not null, transactions_root blob not null, receipts_root blob not null,
  bloom blob not null);
create table tx(
  hash blob primary key, block integer not null, position integer not null, raw blob not null, sender blob not
  null, nonce integer not null, recipient blob, created blob, status integer not null, gas_used integer not
  null);
create index tx_of_block on tx(block, position);
create table log(
  block integer not null, log_index integer not null, position integer not null, tx_hash blob not null,
  address blob not null, topic0 blob, topic1 blob, topic2 blob, topic3 blob, data blob not null,
  primary key(block, log_index)) without rowid;
create index log_of_address on log(address, block, log_index);
create index log_of_tx on log(tx_hash);
"""
_CACHED_NODES = 50_000


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A sealed block."""

    number: int
    hash: bytes
    timestamp: int
    root: bytes
    gas_used: int
    transactions_root: bytes
    receipts_root: bytes
    bloom: bytes


@dataclass(frozen=True, slots=True)
class TxRow:
    """A mined transaction."""

    hash: bytes
    block: int
    position: int
    raw: bytes
    sender: bytes
    nonce: int
    recipient: bytes | None
    created: bytes | None
    status: int
    gas_used: int

    @property
    def type_id(self) -> int:
        """The transaction's type (EIP-2718), 0 for the oldest."""
        return self.raw[0] if self.raw[0] < 0x80 else 0


@dataclass(frozen=True, slots=True)
class LogRow:
    """A log, numbered within its block. Rows that are read have their block's hash too."""

    block: int
    log_index: int
    position: int
    tx_hash: bytes
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_hash: bytes = b""


LEAST_FREE = 1 << 20
"""Bytes below which a file system counts as full."""


@contextmanager
def storage_errors(path: str) -> Iterator[None]:
    """Turns SQLite's errors into ChainErrors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise corrupt(path, str(error)) from error
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
            raise ChainError(
                "chain.disk_full", "no space left for the chain: free some, then start again", path=path
            ) from error
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
            raise ChainError(
                "chain.unreadable", f"the chain's file cannot be opened: {error}", path=path
            ) from error
        raise ChainError("chain.storage", f"the chain's file failed: {error}", path=path) from error


def _is_full(path: str) -> bool:
    """Has the file system no room? SQLite calls it an I/O error where its shared memory cannot grow."""
    try:
        return shutil.disk_usage(Path(path).parent).free < LEAST_FREE
    except OSError:
        return False


def corrupt(path: str, why: str) -> ChainError:
    """The error for a file that is damaged or no chain at all."""
    return ChainError(
        "chain.corrupt",
        f"the chain's file is damaged or no chain ({why}): put a backup in its place, or remove it to begin a "
        "new chain (which loses all balances)",
        path=path,
    )


class Store:
    """All SQL of the chain. One instance per process and file; the caller serialises access."""

    def __init__(self, path: Path | None, *, read_only: bool) -> None:
        """Opens or creates the file; None keeps the chain in memory. Raises ChainError `chain.missing`,
        `chain.corrupt`, `chain.unreadable`, `chain.disk_full`."""
        self.path = str(path) if path is not None else ":memory:"
        self._nodes: dict[bytes, bytes] = {}
        if read_only and (path is None or not path.exists()):
            raise ChainError(
                "chain.missing", "there is no chain to read here: start the mall once", path=self.path
            )
        with storage_errors(self.path):
            if path is None:
                self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            else:
                uri = path.absolute().as_uri() + ("?mode=ro" if read_only else "?mode=rwc")
                self._db = sqlite3.connect(
                    uri, uri=True, isolation_level=None, check_same_thread=False, timeout=10
                )
            try:
                self._prepare(read_only)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, read_only: bool) -> None:
        application = self._db.execute("pragma application_id").fetchone()[0]
        version = self._db.execute("pragma user_version").fetchone()[0]
        if application == 0 and version == 0 and not read_only:
            if self._db.execute("select count(*) from sqlite_master").fetchone()[0]:
                raise corrupt(self.path, "it is a database of something else")
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=full")
            self._db.executescript(
                f"begin; {SCHEMA} pragma application_id={APPLICATION_ID}; pragma user_version={SCHEMA_VERSION}; commit;"
            )
            return
        if application != APPLICATION_ID:
            raise corrupt(self.path, "it is a database of something else")
        if version != SCHEMA_VERSION:
            raise ChainError(
                "chain.version",
                f"the chain's file has format {version}, this program reads {SCHEMA_VERSION}: use the fitting release",
                path=self.path,
            )
        self._db.execute("pragma synchronous=full")

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def limit_pages(self, pages: int) -> None:
        """Lets the file grow to this many pages of SQLite and no further; past it `seal` raises
        `chain.disk_full`."""
        self._rows(f"pragma max_page_count={pages:d}")

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with storage_errors(self.path):
            return self._db.execute(sql, values).fetchall()

    def meta(self, name: str) -> int | None:
        """A number stored about the chain as a whole."""
        rows = self._rows("select value from meta where name=?", (name,))
        return int(rows[0][0]) if rows else None

    def node(self, key: bytes) -> bytes | None:
        """A trie node or contract code by its hash, which is checked. Never changes, so it is cached without end
        of validity. Raises ChainError `chain.corrupt`."""
        value = self._nodes.get(key)
        if value is None:
            rows = self._rows("select value from node where key=?", (key,))
            if not rows:
                return None
            value = bytes(rows[0][0])
            if keccak256(value) != key:
                raise corrupt(self.path, "a piece of its state is not what its hash says")
            self._remember({key: value})
        return value

    def _remember(self, nodes: Mapping[bytes, bytes]) -> None:
        if len(self._nodes) + len(nodes) > _CACHED_NODES:
            self._nodes.clear()
        self._nodes.update(nodes)

    def head(self) -> BlockRow | None:
        """The newest block."""
        rows = self._rows("select * from block order by number desc limit 1")
        return BlockRow(*rows[0]) if rows else None

    def block(self, number: int) -> BlockRow | None:
        """A block by number."""
        rows = self._rows("select * from block where number=?", (number,))
        return BlockRow(*rows[0]) if rows else None

    def sealed(self, number: int) -> BlockRow:
        """A block that has to be there. Raises ChainError `chain.corrupt`."""
        row = self.block(number)
        if row is None:
            raise corrupt(self.path, f"block {number} is missing")
        return row

    def block_number(self, block_hash: bytes) -> int | None:
        """The number of the block with a hash."""
        rows = self._rows("select number from block where hash=?", (block_hash,))
        return int(rows[0][0]) if rows else None

    def hashes_before(self, number: int) -> Iterator[bytes]:
        """Hashes of up to 256 blocks before `number`, newest first; read when the first one is asked for."""
        sql = "select hash from block where number<? order by number desc limit 256"
        for row in self._rows(sql, (number,)):
            yield row[0]

    def transaction(self, tx_hash: bytes) -> TxRow | None:
        """A mined transaction by hash."""
        rows = self._rows("select * from tx where hash=?", (tx_hash,))
        return TxRow(*rows[0]) if rows else None

    def transactions(self, block: int) -> list[TxRow]:
        """A block's transactions in order."""
        rows = self._rows("select * from tx where block=? order by position", (block,))
        return [TxRow(*row) for row in rows]

    def hashes(self, block: int) -> list[bytes]:
        """Hashes of a block's transactions in order."""
        return [row[0] for row in self._rows("select hash from tx where block=? order by position", (block,))]

    def gas_until(self, block: int, position: int) -> int:
        """Gas used by a block's transactions up to and with the one at `position`."""
        rows = self._rows("select sum(gas_used) from tx where block=? and position<=?", (block, position))
        return int(rows[0][0] or 0)

    def logs(
        self,
        from_block: int,
        to_block: int,
        addresses: Sequence[bytes] | None = None,
        topics: Sequence[Sequence[bytes] | None] = (),
        tx_hash: bytes | None = None,
    ) -> list[LogRow]:
        """Logs in chain order, filtered as eth_getLogs does: `addresses` None takes all, and each topic place
        takes any of its values, or every topic where it is None."""
        where, values = ["log.block between ? and ?"], [from_block, to_block]  # type: tuple[list[str], list[Any]]
        columns = ["topic0", "topic1", "topic2", "topic3"]
        choices: list[tuple[str, Iterable[bytes]]] = [("address", addresses)] if addresses is not None else []
        for column, topic in zip(columns, topics, strict=False):
            if topic is None:
                where.append(f"{column} is not null")
            else:
                choices.append((column, topic))
        choices += [("tx_hash", (tx_hash,))] if tx_hash is not None else []
        for column, wanted in choices:
            wanted = list(wanted)
            where.append(f"{column} in ({','.join('?' * len(wanted))})")
            values += wanted
        rows = self._rows(
            "select block, log_index, position, tx_hash, address, topic0, topic1, topic2, topic3, data, block.hash "  # noqa: S608
            f"from log join block on block.number = log.block where {' and '.join(where)} "
            "order by log.block, log_index",
            values,
        )
        return [
            LogRow(
                block=row[0],
                log_index=row[1],
                position=row[2],
                tx_hash=row[3],
                address=row[4],
                topics=tuple(topic for topic in row[5:9] if topic is not None),
                data=row[9],
                block_hash=row[10],
            )
            for row in rows
        ]

    def logs_by_transaction(self, block: int) -> dict[bytes, list[LogRow]]:
        """A block's logs in chain order, by the hash of their transaction."""
        found: dict[bytes, list[LogRow]] = {}
        for row in self.logs(block, block):
            found.setdefault(row.tx_hash, []).append(row)
        return found

    def seal(
        self,
        block: BlockRow,
        nodes: Mapping[bytes, bytes],
        transactions: Sequence[TxRow],
        logs: Sequence[LogRow],
        meta: Mapping[str, int] | None = None,
    ) -> None:
        """Writes a block and everything in it in one transaction: all of it is on the disk when this returns,
        or nothing is."""
        with storage_errors(self.path):
            self._db.execute("begin immediate")
            try:
                run = self._db.executemany
                run("insert or ignore into node values(?,?)", nodes.items())
                run("insert into block values(?,?,?,?,?,?,?,?)", [_values(block)])
                run("insert into tx values(?,?,?,?,?,?,?,?,?,?)", [_values(row) for row in transactions])
                run(
                    "insert into log values(?,?,?,?,?,?,?,?,?,?)",
                    [
                        (*_values(row)[:5], *row.topics, *[None] * (4 - len(row.topics)), row.data)
                        for row in logs
                    ],
                )
                run("insert into meta values(?,?)", (meta or {}).items())
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise
        self._remember(nodes)


def _values(row: BlockRow | TxRow | LogRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.__slots__)
