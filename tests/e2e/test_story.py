"""The main job with the real engine: told once, cut at every step, checked by an independent web3 call."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from web3 import Web3

from contracts.local import LocalChain
from contracts.local.provider import LocalProvider
from host.godot.engine import Engine
from host.kernel import open_kernel
from tests.e2e.running import ROOT, answer, kill_all_of, mall
from tests.hosting import config

STEPS = [
    "host", "land", "publish", "approve", "place", "fund", "enable", "client", "walk", "play", "claim", "settled",
    "paid", "balance",
]  # fmt: skip
QUICK = ("--headless", "--set", "target_coins=5")
PRIZE = 3 * 10**18
pytestmark = [pytest.mark.engine, pytest.mark.slow]


def guests(data: Path) -> list[dict[str, str]]:
    """Balances of players who have won something."""
    return [b for b in answer("balance", data=data)["balances"] if b["name"].startswith("Guest")]


def live_on_stored_chain(data: Path, address: str) -> int:
    """LIVE of an address as web3 reads it from the chain file, without any code of the host."""
    deployment = json.loads((data / "deployment.json").read_text())
    with LocalChain(data / "chain.db", read_only=True) as chain:
        web3 = Web3(LocalProvider(chain))
        abi = json.loads((ROOT / "contracts" / "artifacts" / "LiveToken.json").read_text())["abi"]
        live = web3.eth.contract(address=deployment["contracts"]["LiveToken"]["address"], abi=abi)
        return int(live.functions.balanceOf(address).call())


def books_agree(data: Path) -> None:
    """No posting is unbalanced, and the ledger is what the chain holds."""
    from host.economy import ledger
    from host.economy.reconcile import reconcile

    with open_kernel(config(data)) as kernel:
        ledger.check(kernel.rows)
        found = reconcile(kernel.rows, kernel.chain, kernel.deployment)
        assert found.differences == ()


def test_the_whole_story_ends_with_live_in_the_players_wallet(engine: Engine, data: Path) -> None:
    told = answer("demo", *QUICK, data=data)["steps"]
    assert [step["step"] for step in told] == STEPS
    by_name = {step["step"]: step for step in told}
    wallet = by_name["client"]["wallet"]
    assert by_name["balance"]["hud"] == by_name["balance"]["chain"] == "3 LIVE"
    for step in ("land", "fund", "settled", "paid"):
        assert re.fullmatch("0x[0-9a-f]{64}", by_name[step]["tx"]), step
    assert [(b["address"], b["wei"], b["pending_wei"]) for b in guests(data)] == [(wallet, str(PRIZE), "0")]
    assert live_on_stored_chain(data, wallet) == PRIZE
    books_agree(data)


def test_a_story_cut_at_every_step_goes_on_and_pays_once(engine: Engine, data: Path) -> None:
    """SIGKILL to the demo, its host, its workers and its client, right after each step in turn."""
    cut: list[str] = []
    while len(cut) < len(STEPS) - 1:
        told = run_until_new_step(data, cut)
        if told is None:
            break
        cut.append(told)
    assert {"host", "land", "publish", "approve", "place", "fund", "enable", "client", "walk", "play"} <= set(
        cut
    )
    if "balance" not in cut:
        done = mall("demo", *QUICK, data=data)
        assert done.returncode == 0, done.stdout + done.stderr
    winners = guests(data)
    assert [(b["wei"], b["pending_wei"]) for b in winners] == [(str(PRIZE), "0")], winners
    assert live_on_stored_chain(data, winners[0]["address"]) == PRIZE
    books_agree(data)


def run_until_new_step(data: Path, cut: list[str]) -> str | None:
    """Run the demo and kill everything right after the first step that was not cut yet; None when it ended first."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "host.cli", "demo", *QUICK, "--data", str(data)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            found = re.match(r"✓ +\d+ (\w+)", line)
            if found and found[1] not in cut:
                process.send_signal(signal.SIGKILL)
                return found[1]
        assert process.wait(30) == 0, "".join(lines)
        return None
    finally:
        kill_all_of(data)
        process.kill()
        process.communicate(timeout=30)
