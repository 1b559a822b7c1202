"""The game socket as clients meet it: real sockets, the real region, ticker and server."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest
import uvloop
import websockets

from host.errors import MallError
from host.gateway import schema
from host.gateway.lobby import PlayerRef
from host.world.step import Events
from tests.gateway.client import TestClient
from tests.gateway.world import OpenLobby, world


def run(story: Coroutine[Any, Any, None]) -> None:
    uvloop.run(story)


def test_two_players_see_each_other_walk_and_leave() -> None:
    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url, "Ada") as ada:
            async with await TestClient.join(mall.url, "Bob") as bob:
                await ada.sees(bob.slot)
                await bob.sees(ada.slot)
                x, _, z = bob.spawn
                await bob.move(x + 2, 0, z - 3, yaw=1.0, animation=schema.ANIM_RUN)
                await ada.until(lambda: ada.avatars[bob.slot].at == (x + 2, 0.0, z - 3))
                seen = ada.avatars[bob.slot]
                assert (seen.yaw, seen.animation) == (round(1.0 / 6.283185307 * 256), schema.ANIM_RUN)
                await ada.send({"t": "who", "slots": [bob.slot, ada.slot, 999, -5]})
                who = await ada.expect("who")
                assert [(card["slot"], card["name"], card["id"]) for card in who["players"]] == [
                    (bob.slot, "Bob", bob.player),
                    (ada.slot, "Ada", ada.player),
                ]
            await ada.until(lambda: bob.slot not in ada.avatars)
            assert mall.lobby.left == [bob.player]

    run(story())


def test_who_walks_out_of_view_is_forgotten_and_seen_again_when_near() -> None:
    async def story() -> None:
        async with (
            world() as mall,
            await TestClient.join(mall.url) as ada,
            await TestClient.join(mall.url) as bob,
        ):
            await ada.sees(bob.slot)
            for far, known in (((300.0, 0.0, 300.0), False), ((280.0, 0.0, 570.0), True)):
                assert mall.gateway.teleport(bob.player, far)
                assert (await bob.expect("teleport", lambda message, far=far: message["at"] == list(far)))[
                    "at"
                ]
                await ada.until(lambda known=known: (bob.slot in ada.avatars) is known)
                await bob.until(lambda known=known: (ada.slot in bob.avatars) is known)
            assert bob.corrections[0] == (300.0, 0.0, 300.0)

    run(story())


@pytest.mark.parametrize(
    "lie", [(400.0, 0.0, 100.0), (275.0, 60.0, 580.0), (275.0, 0.0, 612.0), (1e6, 0.0, -1e6)]
)
def test_a_lie_about_position_is_corrected(lie: tuple[float, float, float]) -> None:
    async def story() -> None:
        async with (
            world() as mall,
            await TestClient.join(mall.url) as ada,
            await TestClient.join(mall.url) as bob,
        ):
            sequence = await ada.move(*lie)
            await ada.until(lambda: bool(ada.corrections))
            assert ada.corrections[0] == ada.spawn
            assert ada.snapshots[-1].sequence == sequence
            assert (await bob.sees(ada.slot)).at == ada.spawn

    run(story())


def test_a_token_signs_in_again_as_the_same_player() -> None:
    async def story() -> None:
        async with world() as mall:
            async with await TestClient.join(mall.url, "Ada") as ada:
                token, player = ada.welcome["token"], ada.player
            async with await TestClient.join(mall.url, token=token) as again:
                assert again.player == player

    run(story())


def test_the_same_player_from_elsewhere_closes_the_older_session_and_keeps_its_place() -> None:
    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url, "Ada") as ada:
            await ada.move(ada.spawn[0] + 2, 0, ada.spawn[2])
            await ada.until(
                lambda: ada.slot in ada.avatars and ada.avatars[ada.slot].at[0] == ada.spawn[0] + 2
            )
            async with await TestClient.join(mall.url, token=ada.welcome["token"]) as again:
                assert await ada.closed() == schema.CLOSE_CODES["account.elsewhere"]
                assert ada.messages("bye")[0]["code"] == "account.elsewhere"
                assert again.spawn == (ada.spawn[0] + 2, 0.0, ada.spawn[2])
                assert [player.id for player in mall.gateway.players()] == [ada.player]

    run(story())


@pytest.mark.parametrize(
    ("version", "token", "code"), [(99, None, "wire.version"), (1, "stolen", "account.bad_token")]
)
def test_a_hello_that_is_refused_says_why(version: int, token: str | None, code: str) -> None:
    async def story() -> None:
        async with world() as mall:
            client = await TestClient.connect(mall.url)
            await client.hello(v=version, token=token)
            bye = await client.expect("bye")
            assert (bye["code"], bye["retry"]) == (code, False)
            assert await client.closed() == schema.CLOSE_CODES[code]
            assert mall.gateway.players() == []

    run(story())


def test_a_lobby_that_fails_closes_with_host_error_and_tells_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(OpenLobby):
        async def sign_in(self, hello: Any) -> Any:
            raise RuntimeError("secret detail")

    async def story() -> None:
        async with world(Broken()) as mall:
            client = await TestClient.connect(mall.url)
            await client.hello()
            bye = await client.expect("bye")
            assert bye["code"] == "host.error"
            assert "secret" not in bye["message"]
            assert await client.closed() == schema.CLOSE_CODES["host.error"]

    run(story())
    assert "signing in failed" in caplog.text


@pytest.mark.parametrize(
    ("wanted", "x"), [((10.0, 0.0, 10.0, 1.0), 10.0), ((9e9, 0.0, 0.0, 0.0), 275.0), (None, 275.0)]
)
def test_the_lobby_may_say_where_a_player_comes_in(wanted: Any, x: float) -> None:
    async def story() -> None:
        async with world(OpenLobby(spawn=wanted)) as mall, await TestClient.join(mall.url) as ada:
            assert ada.spawn[0] == x
            await ada.move(x + 0.5, 0.0, ada.spawn[2])
            await ada.until(lambda: ada.slot in ada.avatars and ada.avatars[ada.slot].at[0] == x + 0.5)

    run(story())


def test_messages_go_to_their_handler_and_all_others_to_the_lobby() -> None:
    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url) as ada:
            heard: list[tuple[PlayerRef, dict[str, Any]]] = []
            mall.gateway.handle("chat", lambda player, fields: heard.append((player, fields)))
            mall.gateway.handle("wave", lambda player, fields: heard.append((player, fields)), {"at": "int"})
            await ada.send({"t": "chat", "text": "hi", "more": 1})
            await ada.send({"t": "wave", "at": 3})
            await ada.send({"t": "interact", "entity": 4, "verb": "use"})
            await ada.send({"t": "ping", "n": 7})
            assert (await ada.expect("pong"))["n"] == 7
            assert [fields for _, fields in heard] == [{"text": "hi"}, {"at": 3}]
            assert heard[0][0] == mall.gateway.player(ada.player)
            assert mall.lobby.said == [(ada.player, "interact", {"entity": 4, "verb": "use"})]
            with pytest.raises(ValueError, match="handler already"):
                mall.gateway.handle("chat", lambda player, fields: None)
            with pytest.raises(ValueError, match="not in the schema"):
                mall.gateway.handle("dance", lambda player, fields: None, {"at": "complex"})

    run(story())


def test_a_handler_that_refuses_or_fails_answers_with_an_error_and_the_player_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(player: PlayerRef, fields: dict[str, Any]) -> None:
        raise MallError("chat.too_fast", "Wait a moment before you write again.")

    def fail(player: PlayerRef, fields: dict[str, Any]) -> None:
        raise RuntimeError("secret detail")

    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url) as ada:
            mall.gateway.handle("chat", refuse)
            mall.gateway.handle("input", fail)
            await ada.send({"t": "chat", "text": "hi"})
            await ada.send({"t": "input", "action": "jump"})
            await ada.expect("error", lambda message: message["code"] == "chat.too_fast")
            failed = await ada.expect("error", lambda message: message["code"] == "host.error")
            assert "secret" not in failed["message"]
            await ada.send({"t": "ping", "n": 1})
            await ada.expect("pong")

    run(story())
    assert "secret detail" in caplog.text


def test_messages_reach_one_those_near_and_everybody() -> None:
    async def story() -> None:
        async with (
            world() as mall,
            await TestClient.join(mall.url) as ada,
            await TestClient.join(mall.url) as bob,
        ):
            mall.gateway.teleport(bob.player, (0.0, 0.0, 0.0))
            assert mall.gateway.send(ada.player, {"t": "toast", "text": "one", "kind": "info"})
            assert (
                mall.gateway.send_near(ada.spawn, 20.0, {"t": "toast", "text": "near", "kind": "info"}) == 1
            )
            assert mall.gateway.broadcast({"t": "toast", "text": "all", "kind": "info"}) == 2
            assert not mall.gateway.send(999, {"t": "toast", "text": "none", "kind": "info"})
            for client in (ada, bob):
                await client.expect("toast", lambda toast: toast["text"] == "all")
            assert [toast["text"] for toast in ada.messages("toast")] == ["one", "near", "all"]
            assert [toast["text"] for toast in bob.messages("toast")] == ["all"]
            mall.gateway.rename(ada.player, "Ada L.")
            assert (await bob.expect("who"))["players"][0]["name"] == "Ada L."

    run(story())


def test_watchers_hear_of_players_cells_and_ticks_and_a_failing_one_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        def on_joined(self, player: PlayerRef) -> None:
            raise RuntimeError("broken watcher")

        def on_cells(self, player: PlayerRef, entered: tuple[int, ...], left: tuple[int, ...]) -> None:
            raise RuntimeError("broken watcher")

        def on_tick(self, events: Events, now: float) -> None:
            pass

    class Play:
        def __init__(self) -> None:
            self.joined: list[int] = []
            self.cells: set[int] = set()
            self.places: list[tuple[int, int, bool]] = []

        def on_joined(self, player: PlayerRef) -> None:
            self.joined.append(player.id)

        def on_cells(self, player: PlayerRef, entered: tuple[int, ...], left: tuple[int, ...]) -> None:
            self.cells |= set(entered)
            self.cells -= set(left)

        def on_tick(self, events: Events, now: float) -> None:
            self.places += [(event.player, event.place, event.entered) for event in events.places]

    async def story() -> None:
        play = Play()
        async with world() as mall:
            mall.gateway.watch(Broken())
            mall.gateway.watch(play)
            async with await TestClient.join(mall.url) as ada:
                await ada.sees(ada.slot)
                assert play.joined == [ada.player]
                grid = mall.gateway.region.grid
                assert play.cells == set(grid.around(grid.cell_at(ada.spawn[0], ada.spawn[2])))
                mall.gateway.region.add_place(3, mall.gateway.plan.blocks[0].rect, 20.0)
                mall.gateway.teleport(ada.player, (10.0, 0.0, 10.0))
                await ada.until(
                    lambda: ada.slot in ada.avatars and ada.avatars[ada.slot].at == (10.0, 0.0, 10.0)
                )
                await ada.move(10, 0, 10.5)
                await ada.until(lambda: ada.avatars[ada.slot].at == (10.0, 0.0, 10.5))
                assert play.cells == set(grid.around(grid.cell_at(10.0, 10.0)))
                assert play.places == [(ada.player, 3, True)]

    run(story())
    assert "broken watcher" in caplog.text


def test_leaving_is_answered_and_stopping_says_to_come_back() -> None:
    async def story() -> None:
        async with world() as mall:
            leaver = await TestClient.join(mall.url)
            await leaver.send({"t": "leave"})
            assert (await leaver.expect("bye"))["code"] == "account.left"
            await leaver.closed()
            stayer = await TestClient.join(mall.url)
        bye = await stayer.expect("bye")
        assert (bye["code"], bye["retry"]) == ("host.stopping", True)
        assert await stayer.closed() == schema.CLOSE_CODES["host.stopping"]

    run(story())


def test_another_path_is_not_the_game() -> None:
    async def story() -> None:
        async with world() as mall:
            with pytest.raises(websockets.InvalidStatus, match="404"):
                await TestClient.connect(mall.url + "admin")

    run(story())
