"""What the probe itself promises: its rows, true line numbers, and a lane that goes on after a kill."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from host.cli import cli
from sandbox.probe import _Lane, probe

FIELDS = ["name", "outcome", "message", "worst_ms", "neighbour_intact", "worker_alive", "outbox_valid"]


def test_rows_come_in_the_order_of_the_files_and_as_they_are_known() -> None:
    files = [(str(number), b"mall.log(%d)" % number) for number in range(9)]
    told: list[str] = []
    rows = probe(files, on_row=lambda row: told.append(row.name))
    assert [row.name for row in rows] == told == [name for name, _ in files]
    assert [row.logs for row in rows] == [(str(number),) for number in range(9)]


@pytest.mark.parametrize("in_event", [False, True])
def test_a_message_names_the_line_in_the_file(in_event: bool) -> None:
    (row,) = probe([("x", b"local x = 1\n\nerror('here')")], in_event=in_event)
    assert row.message == "sandbox.script_error: init.lua:3: here"


def test_a_body_runs_at_each_of_the_thirty_ticks() -> None:
    (row,) = probe([("x", b"mall.log(mall.players.count())")], in_event=True)
    assert len(row.logs) == 30
    assert set(row.logs) == {"3", "2"}  # one leaves and comes back


def test_after_a_kill_the_neighbour_is_back_and_the_next_file_has_a_new_worker() -> None:
    async def run() -> None:
        lane = _Lane()
        await lane.open()
        try:
            pid = lane._pid()
            asyncio.get_running_loop().call_later(0.01, os.kill, pid, signal.SIGKILL)
            killed = await lane.run("killed", b"while true do end")
            assert (killed.outcome, killed.worker_alive, killed.neighbour_intact) == ("killed", False, True)
            after = await lane.run("after", b"mall.log 'x'")
            assert (after.outcome, after.worker_alive, after.neighbour_intact) == ("ok", True, True)
            assert lane._pid() != pid
        finally:
            await lane.close()

    asyncio.run(run())


def test_the_verb_prints_one_object_a_line_and_takes_any_outcome(tmp_path: Path) -> None:
    for name, source in {"good": "mall.log(1)", "bad": "error 'x'", "loop": "while true do end"}.items():
        (tmp_path / f"{name}.lua").write_text(source)
    files = sorted(map(str, tmp_path.glob("*.lua")))
    result = CliRunner().invoke(cli, ["sandbox", "probe", *files, "--in-event", "--json"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert [list(row) for row in rows] == [FIELDS] * 3
    assert [(row["name"], row["outcome"]) for row in rows] == list(
        zip(files, ["error", "ok", "budget"], strict=True)
    )


def test_the_verb_without_json_prints_a_table_and_a_summary(tmp_path: Path) -> None:
    file = tmp_path / "one.lua"
    file.write_text("x = 1")
    result = CliRunner().invoke(cli, ["sandbox", "probe", str(file)])
    assert result.exit_code == 0
    assert "1 files: 1 ok; 0 neighbours hurt, 0 workers dead, 0 outboxes invalid" in result.output


def test_a_file_that_is_not_there_is_named() -> None:
    result = CliRunner().invoke(cli, ["sandbox", "probe", "missing.lua", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["error"]["code"] == "cli.no_file"
