"""Kill -9 at each step on a real node: the next start goes on and each reward is paid exactly once."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import deploy
from contracts.anvil import Anvil
from contracts.deploy import Deployment
from tests.economy.conftest import LIVE
from tests.economy.killed_host import PLAYERS
from tests.economy.living import Live
from tests.economy.node_world import NodeWorld, node_world, started_node, wallet

CALLS = ("settle", "push:0")
UNITS = tuple(f"{act} {call}" for call in CALLS for act in ("sign", "see", "book"))
POINTS = [
    "after file", "after reconcile", "inside close", "after close",
    *(f"{when} {unit}" for unit in UNITS for when in ("inside", "after")),
    *(f"{when} send {call}" for call in CALLS for when in ("before", "after")),
]  # fmt: skip
PAID = {wallet(player): 3 * LIVE for player in PLAYERS}


@pytest.fixture(scope="module")
def node() -> Iterator[tuple[Anvil, Deployment]]:
    with started_node() as started:
        yield started


@pytest.fixture
def world(node: tuple[Anvil, Deployment], tmp_path: Path) -> Iterator[NodeWorld]:
    """The killed hosts share the database and the node with this one, which only looks."""
    with node_world(*node, tmp_path) as made:
        deploy.write(made.deployed, tmp_path / "deployment.json")
        (tmp_path / "node.json").write_text(
            json.dumps({"url": made.node.url, "chain_id": made.node.chain_id})
        )
        yield made


@pytest.mark.parametrize("point", POINTS)
def test_a_host_killed_at_any_step_goes_on_and_pays_once(
    world: NodeWorld,
    live: Live,
    tmp_path: Path,
    point: str,
) -> None:
    assert live(tmp_path, point) == signal.SIGKILL
    assert live(tmp_path, "never") == 0
    world.check_paid(PAID)


def test_a_host_killed_after_every_single_effect_still_gets_there(
    world: NodeWorld,
    live: Live,
    tmp_path: Path,
) -> None:
    lives = 0
    while live(tmp_path, "after anything") == signal.SIGKILL:
        world.node.mine()
        lives += 1
        assert lives < 60
    assert lives >= len(UNITS)
    world.check_paid(PAID)
