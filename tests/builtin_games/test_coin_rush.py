"""Coin Rush as it is shipped: its own tests pass and two runs from one seed are the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sandbox.events import Enter, Interact
from sandbox.folder import read_spec
from sandbox.rehearsal import Rehearsal
from sandbox.testkit import run_package_tests

FOLDER = Path(__file__).parents[2] / "builtin_games" / "coin_rush"


def test_its_own_tests_pass() -> None:
    report = run_package_tests(FOLDER)
    assert [f"{result.name}: {result.error}" for result in report.results if result.error] == []
    assert len(report.results) >= 9
    assert report.passed


def play(seed: int) -> str:
    rehearsal = Rehearsal(read_spec(FOLDER, seed=seed, now=1000.0))
    rehearsal.join(Enter(1, "Ada", "es", at=(7.5, 0.0, 0.5)))
    rehearsal.tell(Interact(1, rehearsal.keys["start"]))
    rehearsal.advance(4)
    for _ in range(8):
        coins = [parts.at for parts in rehearsal.entities.values() if parts.tags == ("coin", "silver")]
        rehearsal.move(1, coins[0])
        rehearsal.advance(1)
    rehearsal.advance(60)
    assert rehearsal.faults == []
    rehearsal.close()
    return hashlib.sha256(b"".join(rehearsal.outboxes)).hexdigest()


def test_the_same_seed_and_the_same_steps_give_the_same_outbox() -> None:
    assert play(5) == play(5)
    assert play(5) != play(6)


def test_its_texts_are_in_the_language_of_the_player() -> None:
    rehearsal = Rehearsal(read_spec(FOLDER, seed=1, now=1000.0))
    rehearsal.join(Enter(1, "Ada", "es"))
    rehearsal.join(Enter(2, "Wei", "zh-CN"))
    for player in (1, 2):
        rehearsal.tell(Interact(player, rehearsal.keys["start"]))
    rehearsal.close()
    assert rehearsal.toasts == {1: ["¡Prepárate!"], 2: ["准备！"]}
