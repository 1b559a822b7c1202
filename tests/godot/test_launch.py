"""The test driver, against a client that is a shell script."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from host.errors import MallError
from host.godot.display import has_display, virtual_display
from host.godot.engine import Engine
from host.godot.launch import ClientDriver, client_command, client_env, start_client


def script_engine(folder: Path, body: str) -> Engine:
    program = folder / "client"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return Engine(program, "4.6", (str(program),), {"FROM_ENGINE": "yes"})


def drive(folder: Path, body: str, *args: str) -> ClientDriver:
    return ClientDriver(script_engine(folder, body), folder, args)


def test_user_arguments_stand_after_the_separator(tmp_path: Path) -> None:
    engine = Engine(Path("g"), "4.6", ("loader", "g"))
    command = client_command(engine, tmp_path, ["--shot", "x"], headless=True)
    assert command == ["loader", "g", "--headless", "--path", str(tmp_path), "--", "--shot", "x"]
    assert "--headless" not in client_command(engine, tmp_path, [], headless=False)


def test_a_named_display_wins_over_a_wayland_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("DISPLAY", ":0")
    engine = Engine(Path("g"), "4.6", ("g",), {"A": "1", "B": "1"})
    env = client_env(engine, ":7", {"B": "2"})
    assert (env["DISPLAY"], env["A"], env["B"]) == (":7", "1", "2")
    assert "WAYLAND_DISPLAY" not in env
    assert client_env(engine, None, {})["WAYLAND_DISPLAY"] == "wayland-0"


def test_start_client_runs_the_engine_with_its_environment(tmp_path: Path) -> None:
    engine = script_engine(tmp_path, f'echo "$FROM_ENGINE $MORE $5" > {tmp_path}/said')
    client = start_client(engine, tmp_path, ["hello"], headless=True, env={"MORE": "too"})
    assert client.wait(30) == 0
    assert (tmp_path / "said").read_text() == "yes too hello\n"


async def waits(folder: Path) -> None:
    body = """
echo 'noise'
echo 'MALL {"event":"moved","x":1}'
echo 'MALL {"event":"moved","x":2}'
echo 'MALL {"event":"signed_in","player":"ann"}'
exit 5
"""
    async with drive(folder, body) as client:
        assert (await client.wait_for("moved", x=2))["x"] == 2
        assert (await client.wait_for("signed_in"))["player"] == "ann"
        assert await client.wait_end() == 5
        assert [report["event"] for report in client.reports] == ["moved", "moved", "signed_in"]
        assert client.errors == []
        with pytest.raises(MallError, match=r"(?s)ended before 'moved'.*noise") as caught:
            await client.wait_for("moved")
        assert caught.value.code == "engine.client_ended"


def test_reports_are_awaited_in_order(tmp_path: Path) -> None:
    asyncio.run(waits(tmp_path))


async def complains(folder: Path) -> None:
    body = r"""
printf '\033[1;31mSCRIPT ERROR: Invalid call.\033[0m\n   at: _ready (res://main.gd:3)\n' >&2
echo 'WARNING: harmless' >&2
echo '   at: somewhere' >&2
echo 'ERROR: Condition failed.' >&2
echo 'MALL not json'
echo 'MALL ["no object"]'
"""
    async with drive(folder, body) as client:
        await client.wait_end()
        assert sorted(client.errors) == [
            "ERROR: Condition failed.",
            'ERROR: not a report: MALL ["no object"]',
            "ERROR: not a report: MALL not json",
            "SCRIPT ERROR: Invalid call.\n   at: _ready (res://main.gd:3)",
        ]


def test_errors_of_the_engine_and_broken_reports_are_collected(tmp_path: Path) -> None:
    asyncio.run(complains(tmp_path))


async def silent(folder: Path) -> None:
    async with drive(folder, "exec sleep 600") as client:
        with pytest.raises(MallError) as caught:
            await client.wait_for("anything", timeout_s=0.05)
        assert caught.value.code == "engine.client_silent"
        with pytest.raises(MallError) as caught:
            await client.wait_end(timeout_s=0.05)
        assert caught.value.code == "engine.client_silent"


def test_a_silent_client_is_told_apart_from_an_ended_one(tmp_path: Path) -> None:
    asyncio.run(silent(tmp_path))


async def leaves_child(folder: Path) -> int:
    body = """
sh -c 'trap "" TERM; echo "MALL {\\"event\\":\\"child\\",\\"pid\\":$$}"; while :; do sleep 600; done' &
trap 'exit 0' TERM
wait
"""
    async with drive(folder, body) as client:
        return int((await client.wait_for("child"))["pid"])


def test_leaving_ends_children_that_ignore_the_gentle_signal(tmp_path: Path) -> None:
    child = asyncio.run(leaves_child(tmp_path))
    # The end of the pipes was awaited, so SIGKILL has closed the child's files; its end may take a moment more.
    deadline = time.monotonic() + 10
    while state_of(child) not in ("", "Z", "X"):
        assert time.monotonic() < deadline, "the child still runs"
        time.sleep(0.01)


def state_of(pid: int) -> str:
    """The letter of a process's state (proc(5)), empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [({}, False), ({"DISPLAY": ""}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "w"}, True)],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows sessions have a display of their own")
def test_has_display_reads_the_session(environ: dict[str, str], wanted: bool) -> None:
    assert has_display(environ) is wanted


@pytest.mark.parametrize("body", ["exit 1", None])
def test_a_display_that_does_not_start_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str | None
) -> None:
    if body:
        program = tmp_path / "Xvfb"
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MallError) as caught, virtual_display(Engine(Path("g"), "4.6", ("g",))):
        pytest.fail("no display should be given")
    assert caught.value.code == "engine.no_display"
