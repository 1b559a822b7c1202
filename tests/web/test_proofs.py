"""Proofs for everybody: read without a token and under any name, kept by caches, new after each epoch."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from contracts.merkle import CumulativeTree
from contracts.proofs import dump, made_of, parse
from host.config import Config
from host.files import write_whole
from host.web.process import ConsoleProcess
from tests.accounts.desk import ADA, EVE
from tests.web.conftest import base


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def visitor(folder: Path, start: Callable[..., ConsoleProcess]) -> Iterator[httpx.Client]:
    """Somebody without the operator's token."""
    with httpx.Client(base_url=base(start(Config(data=folder, console_port=0))), trust_env=False) as client:
        yield client


def settle(folder: Path, epoch: int) -> bytes:
    """What a host leaves after an epoch."""
    totals = {ADA.address: 3 * 10**18, EVE.address: epoch * 10**18}
    made = dump(made_of(1337, "0x" + "11" * 20, epoch, CumulativeTree(totals), list(totals))).encode()
    path = Config(data=folder).proofs
    write_whole(path, made, path.with_name("new"))
    return made


def test_before_the_first_epoch_there_is_nothing_and_no_cache_keeps_that(visitor: httpx.Client) -> None:
    answer = visitor.get("/proofs.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "proofs.no_epoch")
    assert answer.headers["cache-control"] == "no-store"


def test_everybody_reads_the_very_file_that_pays(visitor: httpx.Client, folder: Path) -> None:
    made = settle(folder, 1)
    for name in ("mall.example", "127.0.0.1"):
        answer = visitor.get("/proofs.json", headers={"host": name})
        assert (answer.status_code, answer.content) == (200, made)
    assert parse(answer.content).entry(ADA.address).total == 3 * 10**18
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in answer.headers
    head = visitor.head("/proofs.json")
    assert (head.status_code, head.content, int(head.headers["content-length"])) == (200, b"", len(made))


def test_a_cache_asks_whether_there_is_a_new_epoch(visitor: httpx.Client, folder: Path) -> None:
    settle(folder, 1)
    os.utime(Config(data=folder).proofs, (1, 1))
    tag = visitor.get("/proofs.json").headers["etag"]
    for known in (tag, f'"other", W/{tag}'):
        same = visitor.get("/proofs.json", headers={"if-none-match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    settle(folder, 2)
    newer = visitor.get("/proofs.json", headers={"if-none-match": tag})
    assert (newer.status_code, json.loads(newer.content)["epoch"]) == (200, 2)


def test_it_is_read_only_and_opens_nothing_else(visitor: httpx.Client, folder: Path) -> None:
    settle(folder, 1)
    (folder / "private.json").write_text("private")
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = visitor.request(method, "/proofs.json")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    for path in (
        "/proofs.json/",
        "/proofs.jsonx",
        "/private.json",
        "/proofs.json/../private.json",
        "/%70roofs.json/x",
    ):
        assert visitor.get(path).status_code == 401
