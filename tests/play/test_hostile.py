"""Creations that misuse what they may do, and workers that were broken out of, harm themselves alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from host.events import InstanceFaulted
from host.kernel import open_kernel
from host.play.stage import FILED_BURST, MAX_MATCHES, Stage
from host.serve import Host
from sandbox.commands import BusSend, Claim, Command, MatchStatus
from sandbox.wire import Outbox, Usage
from tests.gateway.client import TestClient
from tests.hosting import POOL, config, enable, hosting, write_package

FLOOD = 'mall.every(0.05, function() for i = 1, 200 do mall.board.reset("best") end end)'
COUNTS = """
local runs = (mall.store.get("runs") or 0) + 1
mall.store.set("runs", runs)
mall.world.spawn { id = "run" .. runs, model = "ball", at = { 1, 1, 1 } }
"""
NOBODY = 1 << 50


async def running(host: Host) -> Stage:
    """The only stage, once its instance runs."""
    (stage,) = host.play.stages.values()
    async with asyncio.timeout(20):
        while not stage.instance:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return stage


def test_a_flood_of_writes_pauses_the_creation(data: Path, tmp_path: Path) -> None:
    with open_kernel(config(data)) as kernel:
        placement = enable(kernel, write_package(tmp_path / "flood", FLOOD, ("board",)))

    async def story() -> None:
        async with hosting(data) as host, await TestClient.join(host.url, "Ada"), asyncio.timeout(30):
            while host.kernel.placements.get(host.kernel.rows, placement).state == "enabled":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            found = host.kernel.placements.get(host.kernel.rows, placement)
            assert (found.state, found.reason.split(":")[0]) == ("paused", "play.too_many_filed")

    asyncio.run(story())


def test_what_a_worker_should_never_send_is_told_as_a_fault_and_stops_nobody(
    data: Path, tmp_path: Path
) -> None:
    folder = write_package(tmp_path / "calm", "mall.log('calm')", ("reward.claim", "match"), more=POOL)
    with open_kernel(config(data)) as kernel:
        enable(kernel, folder)
    told: list[str] = []

    async def story() -> None:
        async with hosting(data) as host, await TestClient.join(host.url, "Ada"):
            host.kernel.bus.subscribe(InstanceFaulted, lambda event: told.append(event.code))
            stage = await running(host)

            def propose(*commands: Command) -> None:
                host.play.on_outbox(Outbox(stage.instance, commands, Usage(0, 0.0, 0)))

            propose(BusSend("ada/test:x", "x" * 40_000))
            propose(*(MatchStatus(n + 1, "running", 1.0, "", "", ()) for n in range(2 * MAX_MATCHES)))
            assert len(stage.matches) == MAX_MATCHES
            propose(
                *(Claim(n + 1, NOBODY, "daily", "1", 0, "") for n in range(2 * int(FILED_BURST))),
            )
            async with asyncio.timeout(20):
                while len(told) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            assert told == ["play.bus_message_too_large", "play.too_many_filed"]
            assert host.kernel.rows.value("select count(*) from claims") == 0

    asyncio.run(story())


def test_a_placement_seen_while_it_falls_asleep_wakes_with_all_that_it_kept(
    data: Path, tmp_path: Path
) -> None:
    with open_kernel(config(data)) as kernel:
        enable(kernel, write_package(tmp_path / "counts", COUNTS, ("world.build", "store")))

    async def story() -> None:
        async with hosting(data, idle_seconds=60.0) as host:
            async with await TestClient.join(host.url, "Ada"):
                stage = await running(host)
            first = stage.instance
            asleep = asyncio.ensure_future(host.play._sleep(stage))
            await asyncio.sleep(0)
            host.play._watch(stage, NOBODY)
            await asleep
            await running(host)
            assert stage.instance != first
            assert [shown.fields["key"] for shown in stage.entities.values()] == ["run2"]

    asyncio.run(story())
