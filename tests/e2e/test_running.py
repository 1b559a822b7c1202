"""Starting, stopping and failing, as an operator meets it: processes of their own on real data folders."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import ROOT, answer, kill_all_of, mall, refusal, serving
from tests.gateway.client import TestClient


def tree_without(folder: str, target: Path) -> Path:
    """A copy of the installation without one of its parts."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(
        b"\0"
    )
    for name in filter(None, names):
        path = ROOT / name.decode()
        if (
            path.is_file()
            and not name.decode().startswith(folder)
            and path.suffix in (".py", ".lua", ".json", ".toml", ".sol")
        ):
            copy = target / name.decode()
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return target


async def features(url: str) -> list[str]:
    async with await TestClient.join(url) as client:
        found: list[str] = client.welcome["features"]
        return found


@pytest.mark.parametrize(
    ("removed", "offered"), [("plugins/chat/", []), ("builtin_games/coin_rush/", ["chat"])]
)
def test_a_host_starts_without_a_part_that_was_removed(
    data: Path, tmp_path: Path, removed: str, offered: list[str]
) -> None:
    tree = tree_without(removed, tmp_path / "tree")
    with serving(data, tree=tree) as (_, first):
        assert asyncio.run(features(first["ready"])) == offered


def test_everything_is_there_again_after_kill_minus_nine(data: Path) -> None:
    async def join(url: str, token: str | None = None) -> dict[str, object]:
        async with await TestClient.join(url, "Ada", token) as client:
            return client.welcome

    with serving(data) as (process, first):
        before = asyncio.run(join(first["ready"]))
        block = answer("status", data=data)["chain"]["block"]
        process.kill()
        process.wait()
    with serving(data) as (_, first):
        after = asyncio.run(join(first["ready"], str(before["token"])))
        assert answer("status", data=data)["chain"]["block"] == block
    assert [after[key] for key in ("player", "name", "wallet")] == [
        before[k] for k in ("player", "name", "wallet")
    ]


def test_ctrl_c_says_bye_and_ends_cleanly(data: Path) -> None:
    async def farewell(url: str, process: subprocess.Popen[str]) -> dict[str, object]:
        async with await TestClient.join(url) as client:
            process.send_signal(signal.SIGINT)
            return await client.expect("bye")

    with serving(data) as (process, first):
        bye = asyncio.run(farewell(first["ready"], process))
        assert (bye["code"], bye["retry"]) == ("host.stopping", True)
        assert process.wait(20) == 0
    assert not (data / "control.sock").exists()


def test_play_serves_with_its_console_and_a_first_game(data: Path) -> None:
    """`mall play --headless` on free ports: it says how to join, and Coin Rush stands in the city."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "host.cli", "play", "--headless", "--port", "0", "--console-port", "0",
         "--data", str(data)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = ""
        while "data folder" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert "is open" in said
        assert "--join ws://" in said
        assert "?token=" in said
        status = answer("status", data=data)
        assert status["placements"] == {"enabled": 1}
        assert status["jail"]["seccomp"].startswith("ok")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
        assert "closed" in rest
        assert process.returncode == 0
    finally:
        kill_all_of(data)
        process.wait()


def test_a_port_in_use_is_named_with_what_to_do(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(data, port=port) as (process, first):
            assert first["error"]["code"] == "host.port_in_use"
            assert str(port) in first["error"]["message"]
            assert "--port" in first["error"]["message"]
            assert process.wait(20) == 1


def test_two_hosts_never_share_a_data_folder(data: Path) -> None:
    with serving(data) as (process, first):
        assert "ready" in first
        with serving(data) as (second, refused):
            assert refused["error"]["code"] == "host.already_running"
            assert str(process.pid) in refused["error"]["message"]
            assert second.wait(20) == 1


@pytest.mark.parametrize(
    ("file", "code"),
    [("mall.db", "storage.corrupt"), ("chain.db", "chain.corrupt"), ("deployment.json", "chain.bad_deployment"),
     ("secret.key", "key.bad_secret")],
)  # fmt: skip
def test_a_damaged_data_folder_is_named_and_left_alone(data: Path, file: str, code: str) -> None:
    for leftover in data.glob(f"{file}-*"):
        leftover.unlink()
    (data / file).write_bytes(b"damaged " * 512)
    before = (data / file).read_bytes()
    error = refusal("status", data=data)
    assert error["code"] == code
    assert "backup" in error["message"]
    assert (data / file).read_bytes() == before


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    error = refusal("status", data=blocked / "data")
    assert error["code"] == "storage.unreadable"
    assert "--data" in error["message"]


def fill_up(file: Path) -> None:
    """Write until the file system has no room."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(descriptor, b"x" * 4096)
    except OSError as full:
        if full.errno != errno.ENOSPC:
            raise
    finally:
        os.close(descriptor)


def test_a_full_disk_loses_nothing(data: Path, tmp_path: Path) -> None:
    """The data folder on a file system of a few free blocks: the act is refused, what was there stays."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("needs the right to mount a small file system")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(small)], check=False)
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        shutil.copytree(data, small / "data")
        before = answer("status", data=small / "data")["audit"]
        fill_up(small / "fill")
        package = ROOT / "builtin_games" / "coin_rush"
        error = refusal("publish", str(package), "--key", str(tmp_path / "k"), data=small / "data")
        assert error["code"] in ("storage.disk_full", "chain.disk_full"), error
        (small / "fill").unlink()
        assert answer("status", data=small / "data")["audit"] == before
        assert (
            mall("publish", str(package), "--key", str(tmp_path / "k"), data=small / "data").returncode == 0
        )
    finally:
        subprocess.run(["umount", str(small)], check=True)
