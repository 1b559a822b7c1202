"""Who gets in, and how the process begins and ends."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from host.config import Config
from host.errors import MallError
from host.web import access
from host.web.process import ConsoleProcess, start_console
from tests.web.conftest import base, enter

Start = Callable[..., ConsoleProcess]


def token_of(console: ConsoleProcess) -> str:
    return parse_qs(urlsplit(console.url).query)["token"][0]


def test_the_link_sets_a_strict_cookie_that_is_not_the_token(console: ConsoleProcess) -> None:
    answer = httpx.get(console.url, trust_env=False)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token_of(console) not in cookie


@pytest.mark.parametrize(
    "path", ["/", "/releases", "/live", "/nothing", "/?token=", "/?token=%00é", "/audit?token=x"]
)
def test_without_the_token_every_page_is_locked(console: ConsoleProcess, path: str) -> None:
    answer = httpx.get(base(console) + path, trust_env=False)
    assert answer.status_code == 401
    assert "mall play" in answer.text
    assert "Host running" not in answer.text
    assert "Host down" not in answer.text


def test_a_wrong_cookie_opens_nothing(console: ConsoleProcess) -> None:
    name = access.cookie_name(urlsplit(console.url).port or 0)
    for value in ("", "0" * 64, token_of(console)):
        answer = httpx.get(base(console), headers={"cookie": f"{name}={value}"}, trust_env=False)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "a@127.0.0.1", ""]
)
def test_a_foreign_host_name_is_refused_even_with_the_cookie(visitor: httpx.Client, host: str) -> None:
    answer = visitor.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "Host down" not in answer.text


def test_localhost_and_addresses_in_digits_are_answered(visitor: httpx.Client) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    for host in ("localhost:1", "127.0.0.1", "[::1]:7778"):
        assert visitor.get("/", headers={"host": host, "cookie": cookie}).status_code == 200


def test_every_answer_forbids_inline_scripts_and_foreign_content(visitor: httpx.Client) -> None:
    for path in ("/", "/nothing", "/static/console.css", "/static/console.js"):
        answer = visitor.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert " style=" not in visitor.get("/city").text


def test_it_takes_no_change(visitor: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert visitor.request(method, "/releases").status_code == 405


def test_the_token_stays_over_restarts_and_is_the_owners_alone(city: Config, start: Start) -> None:
    first, second = start(city), start(city)
    assert token_of(first) == token_of(second)
    assert (city.data / access.TOKEN_FILE).stat().st_mode & 0o777 == 0o600


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / access.TOKEN_FILE).write_text("x" * 43)
    (tmp_path / access.TOKEN_FILE).chmod(0o644)
    with pytest.raises(MallError) as refused:
        start_console(Config(data=tmp_path, console_port=0))
    assert refused.value.code == "console.token_open_to_others"


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / access.TOKEN_FILE).touch(0o600)
    with pytest.raises(MallError) as refused:
        access.open_token(tmp_path)
    assert refused.value.code == "console.bad_token_file"


def test_a_port_in_use_is_named_to_the_caller(city: Config) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MallError) as refused:
            start_console(replace(city, console_port=port))
    assert refused.value.code == "console.port_in_use"
    assert refused.value.facts["port"] == port


def test_it_ends_when_its_parent_is_killed(city: Config) -> None:
    script = (
        "import sys, os, signal; from pathlib import Path; from host.config import Config;"
        "from host.web.process import start_console;"
        "c = start_console(Config(data=Path(sys.argv[1]), console_port=0)); print(c.pid, flush=True);"
        "signal.pause()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(city.data)], stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))
    try:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        ended = bool(select.select([child], [], [], 20)[0])
        if not ended:
            signal.pidfd_send_signal(child, signal.SIGKILL)
        assert ended, "the console outlives its parent"
    finally:
        os.close(child)
        parent.stdout.close()


def test_stop_ends_it(city: Config) -> None:
    console = start_console(city)
    with enter(console) as client:
        assert client.get("/").status_code == 200
    console.stop()
    assert console.returncode is not None
