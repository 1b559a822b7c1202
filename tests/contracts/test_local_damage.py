"""Files that are no chain, or one that was damaged or forged, are refused by name."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from contracts.chain import ChainError
from contracts.deploy import Deployment
from contracts.local import LocalChain
from tests.contracts.stored import pay


def test_a_missing_or_foreign_or_damaged_file_says_what_to_do(
    stored: tuple[Path, Deployment], tmp_path: Path
) -> None:
    path, _ = stored
    foreign, text, newer = tmp_path / "foreign.db", tmp_path / "text.db", tmp_path / "newer.db"
    with sqlite3.connect(foreign) as other:
        other.execute("create table t(a)")
    other.close()
    text.write_bytes(b"this is no database, but long enough to look like one" * 100)
    shutil.copy(path, newer)
    with sqlite3.connect(newer) as other:
        other.execute("pragma user_version=99")
    other.close()
    damaged = tmp_path / "damaged.db"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    damaged.write_bytes(content)
    cases: list[tuple[Path, dict[str, Any], str]] = [
        (tmp_path / "none.db", {"read_only": True}, "chain.missing"),
        (foreign, {}, "chain.corrupt"),
        (text, {}, "chain.corrupt"),
        (damaged, {}, "chain.corrupt"),
        (newer, {}, "chain.version"),
        (path, {"chain_id": 56}, "chain.wrong_chain"),
        (tmp_path / "no folder" / "chain.db", {"read_only": True}, "chain.missing"),
    ]
    for file, options, code in cases:
        with pytest.raises(ChainError) as caught:
            LocalChain(file, **options)
        assert caught.value.code == code, file
    assert "backup" in corrupt_message(damaged)


def corrupt_message(path: Path) -> str:
    with pytest.raises(ChainError) as caught:
        LocalChain(path)
    return caught.value.message


def change(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as other:
        other.execute(sql)
    other.close()


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("update block set timestamp = timestamp + 1 where number = 1", "block 1 does not match its hash"),
        ("update block set receipts_root = transactions_root where number = 1", "does not match its hash"),
        ("update block set hash = root where number = 0", "block 1 does not match its hash"),
        ("delete from block where number = 0", "block 1 has lost its parent"),
        ("delete from node where key = (select root from block where number = 1)", "has lost its state"),
        (
            "update node set value = x'80' where key = (select root from block where number = 1)",
            "its hash says",
        ),
    ],
)
def test_lost_state_or_a_forged_block_is_found_at_opening(
    stored: tuple[Path, Deployment], sql: str, why: str
) -> None:
    change(stored[0], sql)
    assert why in corrupt_message(stored[0])


@pytest.mark.parametrize(
    "sql",
    [
        "update tx set status = 0",
        "update tx set gas_used = gas_used + 1",
        "update tx set raw = cast(raw || x'00' as blob)",
        "delete from tx",
        "update log set data = x'01'",
        "update log set topic1 = topic0",
        "delete from log",
        "insert into log select block, 7, position, tx_hash, address, topic0, null, null, null, data from log",
    ],
)
def test_an_audit_finds_what_a_header_does_not_commit_to(stored: tuple[Path, Deployment], sql: str) -> None:
    path, deployed = stored
    with LocalChain(path) as chain:
        chain.broadcast([pay(chain, deployed.live, 5, 1)])
        chain.mine()
        chain.audit()
    change(path, f"{sql} where block = 2")
    with LocalChain(path, read_only=True) as chain:
        chain.audit(from_block=3)
        with pytest.raises(ChainError) as caught:
            chain.audit()
        assert caught.value.code == "chain.corrupt"
        assert "block 2" in caught.value.message
