"""What reaches a creation and its players through a running host: chat, emotes, actions, the bus, sky, full places."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from host.play import view
from host.play.commands import Applier
from host.play.desk import ground
from host.play.stage import Stage
from host.serve import Host
from sandbox.commands import BusSend, Label, Mover, Parts, Sky
from sandbox.events import Bus, Event
from sandbox.wire import Outbox, Usage
from tests.hosting import POOL, hosting, write_package
from tests.play.test_running import prepared, visit
from tests.play.test_stage import PLACED

Json = dict[str, Any]
RINGS = Path(__file__).parents[1] / "sandbox" / "packages" / "ring_toss"

EARS = """
mall.on("chat", function(player, text) player:say("heard " .. text) end)
mall.chat.command("bid", function(player, text) player:say("bid of " .. player.name .. ": " .. text) end)
mall.on("emote", function(player, name) player:say("saw " .. name) end)
"""


def test_what_is_said_inside_is_heard_by_the_creation_and_a_command_only_by_it(
    data: Path, tmp_path: Path
) -> None:
    prepared(data, write_package(tmp_path / "ears", EARS, ("chat.listen", "chat.say")))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada, await visit(host, "Bob") as bob:
            await ada.send({"t": "chat", "text": "hello"})
            await bob.expect("chat", lambda m: m["text"] == "hello")
            await ada.expect("say", lambda m: m["text"] == "heard hello")
            await ada.send({"t": "chat", "text": "/bid 5"})
            await ada.expect("say", lambda m: m["text"] == "bid of Ada: 5")
            await ada.send({"t": "chat", "text": "/fly"})
            assert (await ada.expect("error"))["code"] == "chat.unknown_command"
            await ada.send({"t": "chat", "text": "after"})
            await bob.expect("chat", lambda m: m["text"] == "after")
            assert [m["text"] for m in bob.messages("chat")] == ["hello", "after"]
            assert bob.messages("say") == []

    asyncio.run(story())


def test_who_stands_outside_is_not_heard_by_the_creation(data: Path, tmp_path: Path) -> None:
    prepared(data, write_package(tmp_path / "ears", EARS, ("chat.listen", "chat.say")))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            rect = ground(host.kernel.placements.get(host.kernel.rows, next(iter(host.play.stages))))
            await ada.walk((rect.x + 7.5, rect.south + 3), start=(rect.x + 7.5, rect.z + 12.0))
            await ada.expect("inside", lambda m: m["placement"] == 0)
            await ada.send({"t": "chat", "text": "hello"})
            await ada.expect("chat")
            await ada.send({"t": "chat", "text": "/bid 5"})
            assert (await ada.expect("error"))["code"] == "chat.unknown_command"
            assert ada.messages("say") == []

    asyncio.run(story())


def test_an_emote_is_seen_around_and_told_to_the_creation(data: Path, tmp_path: Path) -> None:
    prepared(data, write_package(tmp_path / "ears", EARS, ("chat.listen", "chat.say")))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada, await visit(host, "Bob") as bob:
            await ada.send({"t": "emote", "name": "dance"})
            assert await bob.expect("emote") == {"t": "emote", "slot": ada.slot, "name": "dance"}
            await ada.expect("say", lambda m: m["text"] == "saw dance")
            await ada.send({"t": "chat", "text": "/wave"})
            await bob.expect("emote", lambda m: m["name"] == "wave")
            await ada.send({"t": "emote", "name": "fly"})
            await ada.expect("error", lambda m: m["code"] == "play.unknown_emote")
            for _ in range(4):
                await ada.send({"t": "emote", "name": "cheer"})
            await ada.expect("error", lambda m: m["code"] == "play.too_many_emotes")

    asyncio.run(story())


TOSS = """
local game = mall.match.define { min = 1, seconds = 600, actions = { { name = "throw", label = "Throw" } } }
mall.on("enter", function(player) game:join(player) end)
game:on("input", function(match, player, action)
  player:say("did " .. action)
  match:finish()
end)
"""


def test_a_player_presses_what_the_game_shows_and_nothing_else(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "toss", TOSS, ("match", "chat.say")))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            assert await ada.expect("actions") == {
                "t": "actions",
                "placement": placement,
                "actions": [{"name": "throw", "label": "Throw"}],
            }
            await ada.send({"t": "input", "action": "cheat"})
            assert (await ada.expect("error"))["code"] == "play.no_such_action"
            await ada.send({"t": "input", "action": "throw"})
            await ada.expect("say", lambda m: m["text"] == "did throw")
            await ada.expect("actions", lambda m: m["actions"] == [])
            await ada.send({"t": "input", "action": "throw"})
            await ada.until(lambda: len(ada.messages("error")) == 2)

    asyncio.run(story())


def test_the_ring_toss_of_the_proposal_is_played_by_two(data: Path) -> None:
    prepared(data, RINGS, fund={"daily": "10"})

    async def story() -> None:
        async with (
            hosting(data) as host,
            await visit(host, depth=3.5) as ada,
            await visit(host, "Bob", 3.5) as bob,
        ):
            peg = (await ada.expect("spawn"))["entities"][0]
            assert (peg["key"], peg["prompt"]) == ("peg", "Join the round")
            for player in (ada, bob):
                await player.send({"t": "interact", "entity": peg["id"], "verb": "use"})
            assert (await bob.expect("actions"))["actions"] == [{"name": "throw", "label": "Throw"}]
            scored = False
            for throw in range(40):
                await ada.send({"t": "input", "action": "throw"})
                await ada.send({"t": "ping", "n": throw})
                await ada.expect("pong", lambda m, n=throw: m["n"] == n)
                scored = any(row["score"] for m in ada.messages("score") for row in m["players"])
                if scored:
                    break
            best = await bob.expect(
                "score", lambda m: m["phase"] == "running" and m["players"][0]["score"] > 0
            )
            assert best["players"][0]["name"] == "Ada"
            assert bob.messages("error") == ada.messages("error") == []

    asyncio.run(story())


SCENE = """
mall.world.sky { time = 22, tint = "#8800ff", fog = 0.4 }
mall.world.spawn { id = "lift", at = { 2, 0, 2 }, label = { text = "Up", height = 3, color = "#ff0000" },
  mover = { bob = 1, bob_seconds = 2, to = { 2, 5, 2 }, seconds = 4, loop = true } }
mall.on("emote", function(player, name)
  if name == "wave" then player:teleport({ 3, 0, 3 }, 90) else mall.world.sky() end
end)
"""


def test_sky_ways_labels_and_turns_reach_the_client(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "scene", SCENE, ("world.build", "avatar.move")))

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            lift = (await ada.expect("spawn"))["entities"][0]
            assert (lift["label"], lift["label_height"], lift["label_color"]) == ("Up", 3.0, "#ff0000")
            assert (lift["bob_seconds"], lift["way"]["seconds"], lift["way"]["loop"]) == (2.0, 4.0, True)
            assert lift["way"]["to"] == [lift["at"][0], 5.0, lift["at"][2]]
            assert await ada.expect("sky") == {
                "t": "sky", "placement": placement, "time": 22.0, "tint": "#8800ff", "fog": 0.4,
            }  # fmt: skip
            await ada.send({"t": "emote", "name": "wave"})
            assert (await ada.expect("teleport"))["yaw"] == round(math.pi / 2, 4)
            assert host.gateway.region.yaw(ada.slot) == math.pi / 2
            await ada.send({"t": "emote", "name": "cheer"})
            await ada.expect("sky", lambda m: m == {"t": "sky", "placement": placement})

    asyncio.run(story())


LISTS = """
mall.on("enter", function(player) player:say(player.name .. " of " .. mall.players.count()) end)
mall.on("input", function(player) player:say("pressed") end)
"""


def test_a_full_place_lets_in_who_waits_when_one_leaves(data: Path, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "small", LISTS, ("chat.say",))
    manifest = folder / "package.toml"
    manifest.write_text(manifest.read_text().replace("max = 8", "max = 1"))
    prepared(data, folder)

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            await ada.expect("say", lambda m: m["text"] == "Ada of 1")
            async with await visit(host, "Bob") as bob:
                notice = await bob.expect("toast", lambda m: "full" in m["text"])
                assert notice["text"] == "This place is full (1 of 1)"
                await bob.send({"t": "input", "action": "x"})
                assert (await bob.expect("error"))["code"] == "play.full"
                assert bob.messages("inside") == []
                await ada.close()
                await bob.expect("inside")
                await bob.expect("say", lambda m: m["text"] == "Bob of 1")
                await bob.send({"t": "input", "action": "x"})
                await bob.expect("say", lambda m: m["text"] == "pressed")

    asyncio.run(story())


def test_a_spectator_who_walks_on_is_forgotten() -> None:
    stage = Stage(replace(PLACED, max_players=1))
    assert stage.admit(1, 10.0)
    assert not stage.admit(2, 11.0)
    assert not stage.admit(3, 12.0)
    assert stage.admit(1, 13.0)
    assert stage.release(2) == (False, None)
    assert stage.release(1) == (True, 3)
    assert stage.admit(3, 14.0)


LAST = """
mall.on("stop", function()
  mall.store.set("ended", true)
  mall.world.spawn { at = { 1, 0, 1 } }
  local player = mall.players.all()[1]
  if player then mall.rewards.claim { player = player, pool = "daily", amount = 2 } end
end)
mall.on("enter", function(player) player:say("ended: " .. tostring(mall.store.get("ended"))) end)
"""
WIN = ("world.build", "store", "chat.say", "reward.claim")


def test_what_is_done_at_the_stop_counts(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "last", LAST, WIN, more=POOL), fund={"daily": "100"})

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            await ada.expect("say", lambda m: m["text"] == "ended: nil")
            await host.play._sleep(host.play.stages[placement])
            paid = await ada.expect("claim", lambda m: m["state"] == "paid")
            assert paid["text"] == "2 LIVE"
            assert host.play.stages[placement].entities == {}
            await ada.expect("say", lambda m: m["text"] == "ended: true")

    asyncio.run(story())


SPEAKS = 'mall.on("enter", function(player) player:say(mall.t("Hello")) end)'
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"\n\nmsgid "Hello"\nmsgstr "Hola"\n'


def test_everybody_is_spoken_to_in_the_first_language_of_the_package(data: Path, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "speaks", SPEAKS, ("chat.say",), files={"locale/es.po": PO})
    manifest = folder / "package.toml"
    manifest.write_text(manifest.read_text().replace('languages = ["en"]', 'languages = ["es", "en"]'))
    prepared(data, folder)

    async def story() -> None:
        async with hosting(data) as host, await visit(host) as ada:
            await ada.expect("say", lambda m: m["text"] == "Hola")

    asyncio.run(story())


# without a host


class Hall:
    """An applier between stages, and what was told to them."""

    def __init__(self, *stages: Stage) -> None:
        self.told: list[tuple[int, Event]] = []
        self.breaches: list[str] = []
        self.stages = {stage.placed.id: stage for stage in stages}
        self.applier = Applier(
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            lambda _: None,
            lambda stage, event: self.told.append((stage.placed.id, event)),
            lambda stage, code, message: self.breaches.append(code),
            lambda: 100.0,
            self.stages,
        )

    def send(self, number: int, *messages: BusSend) -> None:
        self.applier.apply(self.stages[number], Outbox(1, messages, Usage(0, 0.0, 0)))


def placed(number: int, mall: str, *capabilities: str) -> Stage:
    return Stage(
        replace(
            PLACED, id=number, tierra=number, capabilities=frozenset(capabilities), facts={"mall_id": mall}
        )
    )


def test_the_bus_reaches_the_others_of_the_premises_that_may_use_it() -> None:
    hall = Hall(
        placed(1, "m", "bus"),
        placed(2, "m", "bus"),
        placed(3, "m"),
        placed(4, "", "bus"),
        placed(5, "n", "bus"),
    )
    hall.send(1, BusSend("ada/test:x", 5))
    assert hall.told == [(2, Bus("ada/test:x", 5))]
    hall.send(4, BusSend("ada/test:x", 5))
    assert len(hall.told) == 1


def test_a_flood_on_the_bus_is_cut_and_told() -> None:
    hall = Hall(placed(1, "m", "bus"), placed(2, "m", "bus"))
    hall.send(1, *[BusSend("ada/test:x", n) for n in range(500)])
    assert len(hall.told) == 200
    assert hall.breaches == ["play.too_many_bus_messages"]


def test_a_client_that_comes_later_is_told_how_far_a_thing_has_gone() -> None:
    fields = view.entity_fields(PLACED, Parts(mover=Mover(to=(1.0, 0.0, 1.0), seconds=4.0)))
    assert view.on_its_way(fields, 2.5)["way"] == {
        "to": [11.0, 0.0, 34.0], "seconds": 4.0, "loop": False, "age": 2.5,
    }  # fmt: skip
    assert "age" not in fields["way"]
    gone = view.entity_fields(PLACED, Parts(mover=False, label=False))
    assert (gone["way"], gone["label"], view.on_its_way(gone, 9.0)) == ({}, "", gone)
    plain = view.entity_fields(PLACED, Parts(label=Label("Hi")))
    assert (plain["label_height"], plain["label_color"]) == (-1.0, "")


def test_the_buttons_and_the_sky_of_a_run_go_with_it() -> None:
    stage = Stage(PLACED)
    stage.admit(1, 0.0)
    stage.admit(2, 0.0)
    stage.show_actions(1, (("a", "A"),))
    stage.sky = Sky(1.0, None, None)
    assert [(player, message["t"]) for player, message in stage.farewells()] == [
        (1, "actions"), (1, "sky"), (2, "sky"),
    ]  # fmt: skip
    stage.forget()
    assert (list(stage.farewells()), stage.may_press(1, "anything")) == ([], True)


def test_a_release_that_changes_meets_who_stands_there(data: Path, tmp_path: Path) -> None:
    prepared(data, write_package(tmp_path / "lists", LISTS, ("chat.say",)))

    async def story(host: Host) -> None:
        async with await visit(host) as ada:
            await ada.expect("say", lambda m: m["text"] == "Ada of 1")
            (stage,) = host.play.stages.values()
            host.play._take([replace(stage.placed, title="Anew")])
            await ada.until(lambda: len(ada.messages("say")) == 2)
            assert [m["text"] for m in ada.messages("say")] == ["Ada of 1"] * 2

    async def run() -> None:
        async with hosting(data) as host:
            await story(host)

    asyncio.run(run())
