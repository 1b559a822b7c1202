"""Units of work are durable as a whole or not at all; the audit chain shows every change."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from host.errors import MallError
from host.events import Event, PlayerJoined
from host.storage import audit
from host.storage.database import connect, open_reader, storage_error
from host.storage.tx import Tx
from host.storage.writer import Writer

TABLES = Migrations("test")


@TABLES()
def create(db: Database) -> None:
    db.table("things").create({"id": int, "name": str}, pk="id")
    db.table("things").create_index(["name"], unique=True)


@pytest.fixture
def published() -> list[Event]:
    return []


@pytest.fixture
def writer(tmp_path: Path, published: list[Event]):
    made = Writer(tmp_path / "mall.db", [audit.MIGRATIONS, TABLES], published.extend, clock=lambda: 1000.0)
    yield made
    made.close()


def add(name: str):
    def work(tx: Tx) -> int:
        tx.emit(PlayerJoined(at=tx.now, player=1, name=name))
        return tx.insert("things", name=name)

    return work


def test_an_acknowledged_change_is_seen_by_a_reader(
    writer: Writer, tmp_path: Path, published: list[Event]
) -> None:
    assert writer.submit(add("a")).result() == 1
    assert open_reader(tmp_path / "mall.db").value("select name from things") == "a"
    assert [e.name for e in published if isinstance(e, PlayerJoined)] == ["a"]


def test_a_failing_unit_of_work_leaves_no_trace_and_harms_no_neighbour(
    writer: Writer, tmp_path: Path, published: list[Event]
) -> None:
    def fail(tx: Tx) -> None:
        add("lost")(tx)
        raise MallError("test.refused", "No.")

    wrong_sql = writer.submit(lambda tx: tx.execute("insert into nowhere values (1)"))
    futures = [writer.submit(add("a")), writer.submit(fail), writer.submit(add("b")), writer.submit(add("a"))]
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        wrong_sql.result()
    assert futures[0].result() == 1
    with pytest.raises(MallError, match=r"test\.refused"):
        futures[1].result()
    futures[2].result()
    with pytest.raises(sqlite3.IntegrityError):
        futures[3].result()
    names = [r["name"] for r in open_reader(tmp_path / "mall.db").all("select name from things order by id")]
    assert names == ["a", "b"]
    assert len(published) == 2


def test_the_audit_chain_verifies_and_shows_a_change(writer: Writer, tmp_path: Path) -> None:
    for n in range(5):
        writer.submit(lambda tx, n=n: tx.audit("ada", "test.done", f"thing:{n}", after="x", n=n)).result()
    reader = open_reader(tmp_path / "mall.db")
    head = audit.verify(reader.all("select * from audit order by seq"))
    assert head == reader.value("select hash from audit order by seq desc limit 1")
    writer.submit(lambda tx: tx.execute("update audit set reason = 'forged' where seq = 3")).result()
    with pytest.raises(MallError, match="row 3") as caught:
        audit.verify(reader.all("select * from audit order by seq"))
    assert caught.value.code == "audit.broken"


def test_a_missing_row_breaks_the_chain(writer: Writer, tmp_path: Path) -> None:
    for n in range(3):
        writer.submit(lambda tx, n=n: tx.audit("ada", "test.done", str(n))).result()
    writer.submit(lambda tx: tx.execute("delete from audit where seq = 2")).result()
    with pytest.raises(MallError, match=r"audit\.broken"):
        audit.verify(open_reader(tmp_path / "mall.db").all("select * from audit order by seq"))


def test_a_corrupt_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "mall.db"
    path.write_bytes(b"this is no database, it only pretends to be one" * 50)
    with pytest.raises(MallError, match="restore") as caught:
        connect(path)
    assert caught.value.code == "storage.corrupt"


def test_a_listener_that_fails_neither_undoes_a_change_nor_stops_the_next(tmp_path: Path) -> None:
    def fail(events: list[Event]) -> None:
        raise RuntimeError("the loop is gone")

    writer = Writer(tmp_path / "mall.db", [audit.MIGRATIONS, TABLES], fail)
    assert [writer.submit(add(name)).result(10) for name in ("a", "b")] == [1, 2]
    writer.close()


def test_a_database_that_another_program_holds_is_called_busy_and_not_corrupt(tmp_path: Path) -> None:
    error = storage_error(sqlite3.OperationalError("database is locked"), tmp_path / "mall.db")
    assert error.code == "storage.busy"
