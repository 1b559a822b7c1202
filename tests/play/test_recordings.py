"""Sessions of a running host are recorded, replay the same, and prove what was paid."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from host.cli import cli
from host.kernel import open_kernel
from host.play.proof import prove
from host.play.retention import paths
from tests.hosting import POOL, config, enable, hosting, write_package
from tests.play.test_running import visit

PAYS = """
mall.world.spawn { id = "till", model = "box", at = { 7.5, 1, 3 }, clickable = { prompt = "Win" } }
mall.on("interact", function(player)
  mall.rewards.claim { player = player, pool = "daily", amount = "2.5" }
end)
"""


def told(data: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--data", str(data)])


@pytest.fixture
def paid(data: Path, tmp_path: Path) -> Path:
    """A data folder in which claim 1 was paid and claim 2 was refused."""
    folder = write_package(tmp_path / "pays", PAYS, ("world.build", "reward.claim"), more=POOL)
    with open_kernel(config(data)) as kernel:
        enable(kernel, folder, fund={"daily": "4"})

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            till = (await ada.expect("spawn"))["entities"][0]
            for _ in range(2):
                await ada.send({"t": "interact", "entity": till["id"], "verb": "use"})
            await ada.expect("claim", lambda m: m["state"] == "paid")
            await ada.expect("claim", lambda m: m["state"] == "rejected")
            lines = {line.name: line.ok for line in (await asyncio.to_thread(prove, config(data), 1)).lines}
            assert lines == dict.fromkeys(
                ("recording", "code", "replay", "claim", "books", "reserved", "settled", "chain", "sum"), True
            )

    asyncio.run(story())
    return data


def change(data: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(data / "mall.db") as connection:
        connection.execute(sql, values)


def failed(data: Path, claim: int = 1) -> list[str]:
    return [line.name for line in prove(config(data), claim).lines if line.ok is False]


def test_a_paid_reward_is_proven_while_the_host_runs_and_after_it_stopped(paid: Path) -> None:
    answer = told(paid, "verify", "1")
    assert answer.exit_code == 0, answer.output
    assert "2.5 LIVE" in answer.output
    assert answer.output.rstrip().endswith("paid: proven")
    refused = told(paid, "verify", "2", "--json")
    assert (refused.exit_code, json.loads(refused.output)["proven"]) == (0, True)


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("update claims set amount = '2500000000000000001' where id = 1", "books"),
        ("update claims set player = player + 1 where id = 1", "books"),
        ("update claims set number = 7 where id = 1", "claim"),
        ("update claims set request = replace(request, 'a', 'b') where id = 1", "books"),
        ("update ledger_lines set amount = '1' where amount = '2500000000000000000'", "reserved"),
        ("update claims set tx = '0x' || hex(randomblob(32)) where id = 1", "chain"),
        ("update claim_evidence set \"check\" = '00' where claim = 1", "recording"),
        ("update claim_evidence set problem = 'the recording was full' where claim = 1", "recording"),
        ("delete from claim_evidence", "recording"),
        ("update releases set digest = 'x'", "code"),
    ],
)
def test_books_that_were_changed_are_not_proven(paid: Path, sql: str, line: str) -> None:
    change(paid, sql)
    assert line in failed(paid)
    assert told(paid, "verify", "1").exit_code == 1


def test_a_recording_that_was_changed_proves_nothing(paid: Path) -> None:
    (path,) = paths(paid / "recordings")
    whole = path.read_bytes()
    for at in range(0, len(whole) - 300, 97):  # the last block came after the claim
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert "recording" in failed(paid)
    path.unlink()
    assert "recording" in failed(paid)


def test_a_session_replays_identical_and_is_listed(paid: Path) -> None:
    (one,) = json.loads(told(paid, "replay", "--list", "--json").output)["recordings"]
    assert (one["package"], one["faults"]) == ("ada/test 1.0.0", 0)
    answer = told(paid, "replay", one["session"], "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["verdict"] == "identical"
    shown = told(paid, "replay", one["session"], "--steps")
    assert "> claim claim=1" in shown.output
    assert "< interact player=" in shown.output


def test_a_claim_whose_session_could_not_be_recorded_waits_for_a_person(data: Path, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "pays", PAYS, ("world.build", "reward.claim"), more=POOL)
    with open_kernel(config(data)) as kernel:
        enable(kernel, folder, fund={"daily": "4"})
    recordings = config(data).recordings
    recordings.mkdir()
    (recordings / "1").write_text("no folder: the disk refuses")

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            till = (await ada.expect("spawn"))["entities"][0]
            await ada.send({"t": "interact", "entity": till["id"], "verb": "use"})
            await ada.expect("claim", lambda m: m["state"] == "held")
            await host.execute("settle", {})
            assert (await host.execute("held_claims", {}))["held"][0]["claim"] == 1
            await host.execute("decide_claim", {"claim": 1, "pay": True, "reason": "The camera shows it."})
            await ada.expect("claim", lambda m: m["state"] == "paid")

    asyncio.run(story())
    assert failed(data) == ["recording"]
