"""A worker that is killed at any moment under load loses no claim that reached the host, and no kept store."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import msgspec
import pytest

from host.kernel import open_kernel
from sandbox.commands import Claim
from sandbox.wire import Outbox
from tests.hosting import POOL, config, enable, hosting, write_package
from tests.play.test_running import visit

BUSY = """
local n = mall.store.get("n") or 0
mall.every(0.05, function()
  n = n + 1
  mall.store.set("n", n)
  for _, player in ipairs(mall.players.all()) do
    mall.rewards.claim { player = player, pool = "daily", amount = "0.001" }
  end
end)
"""
KILLS = 2
CLAIMS_BETWEEN = 12


def count_in(store: bytes) -> int:
    """`n` in a snapshot: [format, [[key, value], ...], ...]."""
    found = dict(msgspec.msgpack.decode(store)[1])
    return int(found.get("n", 0))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_killed_worker_loses_no_claim_and_no_snapshot(data: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    folder = write_package(tmp_path / "busy", BUSY, ("store", "reward.claim"), more=POOL)
    with open_kernel(config(data)) as kernel:
        placement = enable(kernel, folder, fund={"daily": "100"})
    proposed: list[tuple[str, int]] = []
    snapshots: list[int] = []

    async def story() -> None:
        async with hosting(data) as host, await visit(host), asyncio.timeout(60):
            apply = host.play.on_outbox

            def watched(outbox: Outbox) -> None:
                apply(outbox)
                session = host.play.stages[placement].session
                proposed.extend((session, c.claim) for c in outbox.commands if isinstance(c, Claim))
                if outbox.store is not None:
                    snapshots.append(count_in(outbox.store))

            host.play.on_outbox = watched  # type: ignore[method-assign]
            for _ in range(KILLS):
                seen = len(proposed)
                while len(proposed) < seen + CLAIMS_BETWEEN:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                await asyncio.sleep(rng.uniform(0.0, 0.1))
                os.kill(host.supervisor.worker_pids()[-1], signal.SIGKILL)
            while len({session for session, _ in proposed}) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    asyncio.run(story())
    with open_kernel(config(data)) as kernel:
        filed = [
            (row["session"], row["number"]) for row in kernel.rows.all("select session, number from claims")
        ]
        assert len(filed) == len(set(filed))
        assert set(proposed) <= set(filed)
        assert snapshots
        assert count_in(kernel.placements.load_store(kernel.rows, placement) or b"") >= max(snapshots)
