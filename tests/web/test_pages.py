"""What the pages show, with names and queries of strangers."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from host.config import Config
from host.control import ControlServer
from host.web.process import ConsoleProcess
from tests.web.city import ESCAPED, EVIL, EVIL_TITLE, LAND, OWNER, TENANT
from tests.web.conftest import enter

Start = Callable[..., ConsoleProcess]
PAGES = {
    "/": ["Waiting for you", "2</b> releases wait", "The host is not running", "17 of 100,100"],
    "/city": ["Genesis plaza", f"Tierra {LAND} ·", OWNER, TENANT, "9999-12-31", "Creation enabled <b>1"],
    "/city?region=97": ["Leavitt Quarter", "772 Tierra", "All land of this region is still the treasury"],
    "/releases": ["ada/ring-toss 1.0.0", "ada/evil", "s-scanned", "s-approved"],
    "/releases/1": ["release.approve", "reviewed by the host&#39;s moderator", "Placement 1"],
    "/placements": ["Curie Avenue 8, block A1", "92.5 LIVE left", "2.5 LIVE promised", "5 LIVE paid", "s-requested"],
    "/placements/1": ["round_seconds", "reward.claim", "1000 LIVE", "init.lua:7", "1,000,500"],
    "/notices": ["placement.paused", OWNER],
    f"/notices?for={TENANT}": ["Nobody had to be told anything"],
    "/claims": ["s-paid", "s-booked", "s-rejected", "reward.claim_cap", "0x"],
    "/accounts": ["guest, wallet kept by the host", "page 1 of 2"],
    "/accounts?page=2": ["House moderator", "own wallet", "2.5 LIVE"],
    "/audit": ["The chain holds", "release:"],
    "/audit?subject=placement:1": ["placement.enable", "<bdi>requested</bdi> → <bdi>enabled</bdi>"],
    "/plugins": ["chat", "mall_client_messages", "unknown: the host is down"],
}  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_each_page_shows_what_the_host_left(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200
    for words in PAGES[path]:
        assert words in answer.text


def test_names_of_strangers_stay_text(visitor: httpx.Client) -> None:
    everywhere = [
        visitor.get(path).text
        for path in ("/claims", "/releases", "/releases/3", "/accounts?page=2", "/notices", "/placements/1")
    ]
    for text in everywhere:
        assert EVIL not in text
        assert EVIL_TITLE not in text
        assert "<img src=x>" not in text
    assert ESCAPED in everywhere[0]
    assert "&lt;script&gt;alert(1)" in everywhere[1]


def test_no_page_holds_a_secret(visitor: httpx.Client, city: Config) -> None:
    secrets = [
        (city.data / "secret.key").read_bytes().hex(),
        (city.data / "console.token").read_text().strip(),
    ]
    for path in PAGES:
        text = visitor.get(path).text
        assert not any(secret in text for secret in secrets)


def test_releases_that_wait_come_first(visitor: httpx.Client) -> None:
    text = visitor.get("/releases").text
    assert text.rindex('class="state s-scanned"') < text.index('class="state s-approved"')


@pytest.mark.parametrize(
    "page", ["0", "-1", "1e9", "9" * 400, "²", "٣", "1%00", "NaN", "", "' or 1=1 --", "2&page=99"]
)
@pytest.mark.parametrize("path", ["/accounts", "/claims", "/audit", "/releases", "/placements", "/city"])
def test_a_hostile_page_number_gives_a_page_that_exists(visitor: httpx.Client, path: str, page: str) -> None:
    assert visitor.get(f"{path}?page={page}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/claims?player=99999999999999999999", "/claims?player=-1&placement=x&state=%3Cb%3E", "/city?region=98",
        "/city?region=-5", "/audit?subject=%3Cscript%3E", "/audit?subject=" + "%F0%9F%98%80" * 500,
        "/releases?state=scanned'--", "/placements?state=%FF",
    ],
)  # fmt: skip
def test_hostile_filters_are_answered_and_escaped(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert '<b>"' not in answer.text


def test_lists_are_cut_into_pages(visitor: httpx.Client) -> None:
    first, last = visitor.get("/accounts").text, visitor.get("/accounts?page=99").text
    assert "page 1 of 2" in first
    assert 'rel="prev"' not in first
    assert "page 2 of 2" in last
    assert 'rel="next"' not in last
    assert first.count("<tr>") == 26


@pytest.mark.parametrize(
    "path", ["/releases/99", "/placements/99", "/releases/99999999999999999999", "/nothing"]
)
def test_what_does_not_exist_is_not_found(visitor: httpx.Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_without_a_database_it_stays_up_and_says_so(tmp_path: Path, start: Start) -> None:
    with enter(start(Config(data=tmp_path, console_port=0))) as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "storage.unreadable" in answer.text
        assert "The host is not running" in answer.text
        sqlite3.connect(tmp_path / "mall.db").close()
        (tmp_path / "mall.db").write_bytes(b"")
        assert "console.no_tables" in client.get("/").text


def test_a_changed_audit_row_is_shown_loudly(city: Config, tmp_path: Path, start: Start) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    copy(city, folder)
    with sqlite3.connect(folder / "mall.db") as database:
        database.execute("update audit set reason = 'nothing to see' where seq = 3")
    database.close()
    with enter(start(replace(city, data=folder))) as client:
        text = client.get("/audit?page=99").text
    assert "The audit trail is broken at row 3" in text
    assert "The chain holds" not in text


def test_an_empty_city_says_what_to_do(city: Config, tmp_path: Path, start: Start) -> None:
    copy(city, tmp_path)
    with sqlite3.connect(tmp_path / "mall.db") as database:
        for table in ("claims", "placement_cells", "pools", "placements", "release_findings", "releases", "tokens",
                      "accounts", "audit", "land_titles", "land_uses"):  # fmt: skip
            database.execute(f"delete from {table}")
    database.close()
    with enter(start(replace(city, data=tmp_path))) as client:
        assert "mall publish FOLDER" in client.get("/releases").text
        assert "mall enable RELEASE" in client.get("/placements").text
        assert "mall play" in client.get("/accounts").text
        assert "mall enable" in client.get("/claims").text
        assert "has not been issued" in client.get("/city").text
        assert "Nothing has been done yet" in client.get("/audit").text
        assert "Nothing waits" in client.get("/").text


def copy(city: Config, folder: Path) -> None:
    """The seeded database in another folder, what its log still holds included."""
    source, target = sqlite3.connect(city.database), sqlite3.connect(folder / "mall.db")
    source.backup(target)
    source.close()
    target.close()


class RunningHost:
    """A real control socket that answers `status` as a host does."""

    def __init__(self, socket: Path, status: dict[str, Any]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

        async def execute(verb: str, arguments: dict[str, Any]) -> Any:
            assert (verb, arguments) == ("status", {})
            return status

        self._server = ControlServer(socket, execute)

    def __enter__(self) -> RunningHost:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def test_the_running_host_speaks_on_the_overview(city: Config, tmp_path: Path, start: Start) -> None:
    copy(city, tmp_path)
    status = {
        "url": "ws://127.0.0.1:7777/", "uptime_s": 7300.0, "players": [EVIL], "running": ["ada/ring-toss"],
        "ticks": {"run": 12345, "skipped": 2, "failed": 0, "work_ms": [0.4, 1.5], "late_ms": [0.1, 0.4]},
        "jail": {"seccomp": "ok: filter", "user": "refused: not root"}, "settlement": "vault.behind: wait",
        "chain": {"id": 1337, "block": 77}, "contracts": {"LiveToken": OWNER}, "plugins": ["chat"],
    }  # fmt: skip
    config = replace(city, data=tmp_path)
    with RunningHost(config.control_socket, status), enter(start(config)) as client:
        text = client.get("/").text
        plugins = client.get("/plugins").text
    for words in (
        "Host running",
        "for 2 h",
        ESCAPED,
        "12,345",
        "Stuck",
        "vault.behind: wait",
        "refused: not root",
        "77",
    ):
        assert words in text
    assert "The host is not running" not in text
    assert "s-running" in plugins
