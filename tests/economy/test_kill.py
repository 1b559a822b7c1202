"""Kill -9 at each step: the next start goes on and each reward is paid exactly once."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from contracts import deploy
from contracts.address import checked_address
from contracts.local import LocalChain
from host.economy import claims, ledger
from host.economy.reconcile import reconcile
from host.storage import audit
from host.storage.database import connect
from host.storage.rows import Rows
from tests.economy.conftest import LIVE, add_pool, address
from tests.economy.killed_host import PLAYERS
from tests.economy.living import Live
from tests.economy.world import new_world

CALLS = ("settle", "push:0", "push:1")
UNITS = (
    "follow",
    "file",
    "reconcile",
    "close",
    *(f"{act} {call}" for call in CALLS for act in ("sign", "book")),
)
POINTS = [f"{when} {unit}" for unit in UNITS for when in ("inside", "after")] + [
    f"{when} send {call}" for call in CALLS for when in ("before", "after")
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world as it lies on the disk: contracts deployed, a pool funded on the chain, nothing read yet."""
    folder = tmp_path_factory.mktemp("stored")
    world = new_world(folder, folder / "chain.db")
    world.write(lambda tx: add_pool(tx, 1))
    world.fund(1, 100 * LIVE)
    deploy.write(world.deployed, folder / "deployment.json")
    world.close()
    return folder


def check_paid_once(folder: Path) -> None:
    """On the chain by its own events, in the books, and between the two."""
    deployed = deploy.load(folder / "deployment.json")
    with LocalChain(folder / "chain.db", read_only=True) as chain:
        paid = [
            (event.args["to"], event.args["value"])
            for event in chain.events(0, chain.head().number, [deployed.live.address])
            if event.name == "Transfer" and event.args["from"] == deployed.distributor.address
        ]
        connection = connect(folder / "mall.db", read_only=True)
        rows = Rows(connection)
        assert sorted(paid) == sorted((checked_address(address(n)), 3 * LIVE) for n in PLAYERS)
        assert [claim.state for claim in claims.list_claims(rows)] == ["paid"] * len(PLAYERS)
        assert {claim.tx for claim in claims.list_claims(rows)} == {
            event.tx_hash
            for event in chain.events(0, chain.head().number, [deployed.live.address])
            if event.args.get("from") == deployed.distributor.address
        }
        ledger.check(rows)
        assert claims.left(rows, 1) == 91 * LIVE
        assert ledger.balance(rows, "pool_reserved:1") == 0
        audit.verify(rows.all("select * from audit order by seq"))
        found = reconcile(rows, chain, deployed)
        assert found.differences == ()
        connection.close()


@pytest.mark.parametrize("point", POINTS)
def test_a_host_killed_at_any_step_goes_on_and_pays_once(
    stored: Path, live: Live, tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "world"
    shutil.copytree(stored, folder)
    assert live(folder, point) == signal.SIGKILL
    assert live(folder, "never") == 0
    assert live(folder, "never") == 0  # reads its own last events; nothing is left to pay
    check_paid_once(folder)


def test_a_host_killed_after_every_single_effect_still_gets_there(
    stored: Path, live: Live, tmp_path: Path
) -> None:
    folder = tmp_path / "world"
    shutil.copytree(stored, folder)
    lives = 0
    while live(folder, "after anything") == signal.SIGKILL:
        lives += 1
        assert lives < 100
    assert lives >= len(UNITS)
    assert live(folder, "never") == 0
    check_paid_once(folder)
