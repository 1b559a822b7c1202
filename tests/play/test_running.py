"""Creations in a running host: what players meet, what scripts may and may not do, what is paid."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from host.kernel import open_kernel
from host.play.desk import ground
from host.serve import Host
from host.story import nearest_plot
from tests.gateway.client import TestClient
from tests.hosting import POOL, config, enable, hosting, write_package

BELL = """
local bell = mall.world.spawn {
  id = "bell", model = "ball", at = { 7.5, 1, 3 }, label = "Bell", clickable = { prompt = "Ring" },
}
local rings = mall.store.get("rings") or 0
mall.on("interact", function(player, entity, verb)
  rings = rings + 1
  mall.store.set("rings", rings)
  player:say("ring " .. rings)
  if rings == 2 then entity:remove() end
end)
"""
CAPS = ("world.build", "chat.say", "store")


async def visit(host: Host, name: str = "Ada", depth: float = 12.0, token: str | None = None) -> TestClient:
    """A player who walks from the spawn onto the nearest plot."""
    client = await TestClient.join(host.url, name, token)
    rect = ground(host.kernel.placements.at(host.kernel.rows, nearest_plot(1, 1)))
    x, z = rect.x + 7.5, rect.z + depth
    await client.walk((client.spawn[0], rect.south + 5.0))
    await client.walk((x, z), start=(client.spawn[0], rect.south + 5.0))
    return client


def prepared(data: Path, folder: Path, **options: object) -> int:
    with open_kernel(config(data)) as kernel:
        return enable(kernel, folder, **options)  # type: ignore[arg-type]


def test_a_player_meets_a_thing_uses_it_and_sees_it_go(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "bell", BELL, CAPS))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            places = (await ada.expect("places"))["places"]
            assert [(p["id"], p["kind"], p["title"]) for p in places] == [(placement, "game", "Test game")]
            assert await ada.expect("inside") == {"t": "inside", "placement": placement}
            bell = (await ada.expect("spawn"))["entities"][0]
            assert (bell["model"], bell["verb"], bell["prompt"]) == ("ball", "use", "Ring")
            rect = ground(host.kernel.placements.get(host.kernel.rows, placement))
            assert bell["at"] == [rect.x + 7.5, 1.0, rect.south - 3.0]
            for number in (1, 2):
                await ada.send({"t": "interact", "entity": bell["id"], "verb": "use"})
                await ada.expect("say", lambda m, n=number: m["text"] == f"ring {n}")
            assert (await ada.expect("remove"))["ids"] == [bell["id"]]
            await ada.send({"t": "interact", "entity": bell["id"], "verb": "use"})
            assert (await ada.expect("error"))["code"] == "play.no_such_thing"

    asyncio.run(story())


def test_what_a_creation_keeps_is_there_after_it_slept_and_after_a_restart(
    data: Path, tmp_path: Path
) -> None:
    prepared(data, write_package(tmp_path / "bell", BELL, CAPS))

    async def ring(host: Host, expected: str) -> None:
        async with await visit(host) as ada:
            bell = (await ada.expect("spawn"))["entities"][0]
            await ada.send({"t": "interact", "entity": bell["id"], "verb": "use"})
            await ada.expect("say", lambda m: m["text"] == expected)

    async def story() -> None:
        async with hosting(data) as host:
            await ring(host, "ring 1")
            async with asyncio.timeout(10):
                while any(stage.instance for stage in host.play.stages.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await ring(host, "ring 2")
        async with hosting(data) as host:
            await ring(host, "ring 3")

    asyncio.run(story())


def test_a_thing_out_of_reach_or_from_outside_cannot_be_used(data: Path, tmp_path: Path) -> None:
    prepared(data, write_package(tmp_path / "bell", BELL, CAPS))

    async def story() -> None:
        async with hosting(data) as host:
            async with await TestClient.join(host.url) as bob:
                bell = (await bob.expect("spawn"))["entities"][0]
                await bob.send({"t": "interact", "entity": bell["id"], "verb": "use"})
                assert (await bob.expect("error"))["code"] == "play.not_inside"
            async with await visit(host, depth=2.0) as ada:
                await ada.expect("inside")
                await ada.send({"t": "interact", "entity": bell["id"], "verb": "use"})
                assert (await ada.expect("error"))["code"] == "play.out_of_reach"

    asyncio.run(story())


PAYS = """
mall.world.spawn { id = "till", model = "box", at = { 7.5, 1, 3 }, clickable = { prompt = "Win" } }
mall.on("interact", function(player)
  mall.rewards.claim { player = player, pool = "daily", amount = "4.5" }
end)
"""


def test_rewards_are_paid_on_the_chain_up_to_the_cap(data: Path, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "pays", PAYS, ("world.build", "reward.claim"), more=POOL)
    placement = prepared(data, folder, fund={"daily": "100"})

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            assert (await ada.expect("balance"))["wei"] == "0"
            till = (await ada.expect("spawn"))["entities"][0]
            for _ in range(2):
                await ada.send({"t": "interact", "entity": till["id"], "verb": "use"})
            paid = await ada.expect("claim", lambda m: m["state"] == "paid")
            refused = await ada.expect("claim", lambda m: m["state"] == "rejected")
            assert (paid["text"], refused["reason"]) == ("4.5 LIVE", "reward.player_cap")
            await ada.expect("balance", lambda m: m["wei"] == str(45 * 10**17) and m["pending_wei"] == "0")
            answer = await host.execute("balance", {"who": str(ada.player)})
            assert answer["live"] == "4.5 LIVE"
            pools = await host.execute("pools", {"placement": placement})
            assert pools[0]["left"] == "95.5 LIVE"

    asyncio.run(story())


GREEDY = """
mall.world.spawn { id = "trap", model = "box", at = { 7.5, 1, 3 }, clickable = { prompt = "Loop" } }
mall.on("interact", function() while true do end end)
"""


def test_a_creation_that_breaks_its_budget_three_times_is_paused_and_told(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "greedy", GREEDY))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            for _ in range(3):
                trap = ada.messages("spawn")[-1]["entities"][0]
                await ada.send({"t": "interact", "entity": trap["id"], "verb": "use"})
                await asyncio.sleep(0.3)
            await ada.until(
                lambda: ada.messages("places")[-1]["places"] == [], what="an empty list of places"
            )
            found = host.kernel.placements.get(host.kernel.rows, placement)
            assert found.state == "paused"
            assert "sandbox.budget_exceeded" in found.reason
            assert "init.lua:3" in found.reason

    asyncio.run(story())


def test_suspended_means_gone_for_everybody(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "bell", BELL, CAPS))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            bell = (await ada.expect("spawn"))["entities"][0]
            await host.write(
                lambda tx: host.kernel.placements.retire(
                    tx, host.kernel.commands.treasury(tx), placement, "over"
                )
            )
            assert (await ada.expect("remove"))["ids"] == [bell["id"]]
            await ada.expect("inside", lambda m: m["placement"] == 0)

    asyncio.run(story())


def test_ctrl_c_in_a_terminal_reaches_the_host_alone_and_stores_are_kept(data: Path, tmp_path: Path) -> None:
    """A terminal signals its whole foreground group; the workers must outlive it until their stores are kept."""
    prepared(data, write_package(tmp_path / "bell", BELL, CAPS))

    async def ring(host: Host, expected: str) -> None:
        async with await visit(host) as ada:
            bell = (await ada.expect("spawn"))["entities"][0]
            await ada.send({"t": "interact", "entity": bell["id"], "verb": "use"})
            await ada.expect("say", lambda m: m["text"] == expected)

    async def story() -> None:
        async with hosting(data) as host:
            own = os.getpgid(0)
            assert all(os.getpgid(pid) != own for pid in host.supervisor.worker_pids())
            await ring(host, "ring 1")
        async with hosting(data) as host:
            await ring(host, "ring 2")

    asyncio.run(story())
