"""Runs the economy of a stored world in processes of their own, which kill themselves at a named point.

Started as a script. Each line on stdin is `folder point`; a process is forked for it that reads the chain, files three
claims and settles them until nothing is left to do. At `point` it ends by SIGKILL: `inside NAME` when the unit of work
NAME is done but not committed, `after NAME` when it is, `before send NAME` and `after send NAME` around a broadcast,
`after anything` at the first effect (reading, filing and comparing apart, which each life repeats), `never`. The
answer on stdout is the number of the signal that ended it, 0 for none.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from contracts import deploy
from contracts.chain import Chain
from contracts.local import LocalChain, evm  # noqa: F401  (loads py-evm once, before the forks)
from contracts.rpc import RpcChain
from host.economy import claims, outbox, reconcile
from host.economy.follower import Followed
from host.storage.tx import Tx
from tests.economy.conftest import HERE, address, request
from tests.economy.world import World, open_database

T = TypeVar("T")
PLAYERS = (1, 2, 3)


class Dying:
    """A kill around the broadcast of the real chain beside it."""

    reach: Callable[[str], None]
    world: World

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        step = outbox.open_step(self.world.rows)
        self.reach(f"before send {step.step if step else ''}")
        hashes: list[str] = super().broadcast(raws)  # type: ignore[misc]
        self.reach(f"after send {step.step if step else ''}")
        return hashes


class DyingLocal(Dying, LocalChain):
    """The embedded chain."""


class DyingRpc(Dying, RpcChain):
    """A node; `mine` is a block that somebody makes."""

    url = ""

    def mine(self) -> None:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "evm_mine", "params": []}).encode()
        asked = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            answer.read()


def open_chain(folder: Path) -> Chain:
    """The node that `node.json` names, else the chain in the folder."""
    node = folder / "node.json"
    if not node.exists():
        return DyingLocal(folder / "chain.db", clock=lambda: 1_000_000.0)
    found = json.loads(node.read_text())
    chain = DyingRpc([found["url"]], found["chain_id"])
    chain.url = found["url"]
    return chain


class DyingWorld(World):
    """The real database, and a kill inside or after each unit of work."""

    reach: Callable[[str], None]
    doing = ""

    def write(self, work: Callable[[Tx], T], /) -> T:
        name = self.doing or self._step()

        def inside(tx: Tx) -> T:
            result = work(tx)
            self.reach(f"inside {name}")
            return result

        result = super().write(inside)
        self.reach(f"after {name}")
        return result

    def follow(self) -> Followed:
        before, self.doing = self.doing, "follow"
        try:
            return super().follow()
        finally:
            self.doing = before

    def _step(self) -> str:
        step = outbox.open_step(self.rows)
        if step is None:
            return "close" if reconcile.last(self.rows) is not None else "reconcile"
        done = isinstance(self.chain, LocalChain) or step.state == "mined"
        return f"{'sign' if step.state == 'ready' else 'book' if done else 'see'} {step.step}"


def run(folder: Path, point: str) -> None:
    """One life of a host."""

    def reach(name: str) -> None:
        again = name in ("after file", "after follow", "after reconcile")
        anything = point == "after anything" and name.startswith("after ") and not again
        if point == name or anything:
            os.kill(os.getpid(), signal.SIGKILL)

    chain = open_chain(folder)
    world = DyingWorld(chain, deploy.load(folder / "deployment.json"), *open_database(folder), folder)
    chain.world, chain.reach, world.reach = world, reach, reach
    world.follow()
    world.doing = "file"
    for player in PLAYERS:
        asked = request(player, player=player, address=address(player))
        world.write(lambda tx, asked=asked: claims.file(tx, asked, HERE))
    world.doing = ""
    settlement = world.settlement(push_batch=2)
    last = settlement.drain()[-1]
    while isinstance(chain, DyingRpc) and last.did == "waiting":
        chain.mine()
        last = settlement.drain()[-1]
    world.close()
    if last.did != "idle":
        sys.exit(f"not settled: {last}")


def main() -> None:
    """Serve until stdin ends."""
    for line in sys.stdin:
        folder, _, point = line.strip().partition(" ")
        child = os.fork()
        if child == 0:
            run(Path(folder), point)
            sys.stderr.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, flush=True)


if __name__ == "__main__":
    main()
