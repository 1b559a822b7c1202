"""Plugins in a running host: who may enter, messages and their rates, events, a failing plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from host.errors import MallError
from host.events import Event, PlayerJoined, PlayerLeft
from host.gateway import schema
from host.hookspecs import ClientMessage, Verdict, hookimpl
from host.kernel import open_kernel
from host.serve import Host
from host.treasurer import Treasurer
from tests.gateway.client import TestClient
from tests.hosting import config, hosting


class Doorkeeper:
    """Lets nobody in whose account number is 2."""

    @hookimpl
    def mall_permission(self, actor: str, action: str) -> Verdict | None:
        return Verdict(False, "Not today.") if (actor, action) == ("account:2", "city.enter") else None


class Echo:
    """Answers `echo` messages, fails on "boom", and hears events."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    @hookimpl
    def mall_client_messages(self, host: Host) -> Sequence[ClientMessage]:
        def echo(player: int, fields: dict[str, Any]) -> None:
            if fields["text"] == "boom":
                raise ZeroDivisionError
            host.send(player, {"t": "echo", "text": fields["text"]})

        return [ClientMessage("echo", {"text": "str"}, echo, rate=0.001, burst=3, feature="echo")]

    @hookimpl
    def mall_event(self, event: Event) -> None:
        self.heard.append(event)


def test_plugins_answer_clients_hear_events_and_keep_people_out(data: Path) -> None:
    echo = Echo()

    async def story(host: Host) -> None:
        async with await TestClient.join(host.url, "Ada") as ada:
            assert ada.welcome["features"] == ["chat", "echo"]
            await ada.send({"t": "echo", "text": "hi"})
            assert (await ada.expect("echo"))["text"] == "hi"
            await ada.send({"t": "echo", "text": 7})
            assert (await ada.expect("error"))["code"] == "wire.bad_field"
            await ada.send({"t": "echo", "text": "boom"})
            await ada.send({"t": "echo", "text": "still here"})
            await ada.expect("echo", lambda m: m["text"] == "still here")
            await ada.send({"t": "echo", "text": "too much"})
            await ada.expect("error", lambda m: m["code"] == "echo.too_fast")
            bob = await TestClient.connect(host.url)
            await bob.hello("Bob")
            bye = await bob.expect("bye")
            assert (bye["code"], bye["message"], bye["retry"]) == ("account.refused", "Not today.", False)
            await bob.close()
        async with asyncio.timeout(10):
            while not any(isinstance(event, PlayerLeft) for event in echo.heard):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert [e.name for e in echo.heard if isinstance(e, PlayerJoined)] == ["Ada"]

    async def main() -> None:
        with open_kernel(config(data)) as kernel:
            kernel.plugins.register(Doorkeeper(), "doorkeeper")
            kernel.plugins.register(echo, "echo")
            host = Host(kernel)
            await host.start()
            try:
                await story(host)
            finally:
                await host.stop()

    asyncio.run(main())


def test_players_talk_nearby_and_a_name_changes_for_everybody(data: Path) -> None:
    async def story(host: Host) -> None:
        async with (
            await TestClient.join(host.url, "Ada") as ada,
            await TestClient.join(host.url, "Bob") as bob,
        ):
            await bob.sees(ada.slot)
            await ada.send({"t": "chat", "text": "  hello\nthere "})
            heard = await bob.expect("chat")
            assert (heard["name"], heard["text"], heard["slot"]) == ("Ada", "hello there", ada.slot)
            await ada.send({"t": "name", "name": "Grace"})
            who = await bob.expect("who", lambda m: any(p["name"] == "Grace" for p in m["players"]))
            assert who["players"][0]["slot"] == ada.slot
            await ada.send({"t": "name", "name": "\u202e"})
            assert (await ada.expect("error"))["code"] == "account.bad_name"

    async def main() -> None:
        with open_kernel(config(data)) as kernel:
            host = Host(kernel)
            await host.start()
            try:
                await story(host)
            finally:
                await host.stop()

    asyncio.run(main())


def test_a_host_that_cannot_open_everything_says_why_and_leaves_nothing_open(
    tmp_path: Path, data: Path
) -> None:
    deep = tmp_path / ("deep" * 30) / "data"
    deep.parent.mkdir()
    data.rename(deep)

    async def main() -> None:
        with open_kernel(config(deep)) as kernel:
            host = Host(kernel)
            with pytest.raises(MallError) as refused:
                await host.start()
            assert refused.value.code == "control.unusable"
            assert host.supervisor.worker_pids() == ()
            with pytest.raises(RuntimeError, match="not been started"):
                _ = host.port

    asyncio.run(main())


def test_a_round_of_settlement_that_fails_is_told_and_tried_again(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        with open_kernel(config(data)) as kernel:
            whole = kernel.tend

            def fail() -> None:
                monkeypatch.setattr(kernel, "tend", whole)
                raise ZeroDivisionError

            monkeypatch.setattr(kernel, "tend", fail)
            treasurer = Treasurer(kernel, 0.01)
            treasurer.start()
            async with asyncio.timeout(20):
                while not treasurer.stuck:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                assert treasurer.stuck.startswith("host.internal: ZeroDivisionError")
                while treasurer.stuck:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            await treasurer.stop()

    asyncio.run(main())


def test_a_player_who_comes_again_from_elsewhere_keeps_the_language_just_asked_for(data: Path) -> None:
    async def main() -> None:
        async with hosting(data) as host, await TestClient.join(host.url, "Ada") as first:
            again = await TestClient.connect(host.url)
            await again.send(
                {
                    "t": "hello",
                    "v": schema.VERSION,
                    "client": "test",
                    "token": first.welcome["token"],
                    "locale": "es",
                }
            )
            player = (await again.expect("welcome"))["player"]
            assert host.lobby.locale(player) == "es"
            for number in range(6):
                await again.send({"t": "name", "name": f"Ada {number}"})
            assert (await again.expect("error"))["code"] == "account.too_fast"
            await again.close()

    asyncio.run(main())
