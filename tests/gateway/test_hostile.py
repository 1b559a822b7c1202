"""Clients that mean harm or are broken: bounded, told why, closed; and nobody else notices."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
import uvloop

from host.gateway import schema
from host.gateway.limits import Limits
from host.world.region import Region
from host.world.step import Events
from tests.gateway.client import TestClient
from tests.gateway.world import World, world

SMALL = replace(
    Limits(), snapshot_buffer=8 * 1024, socket_buffer=4 * 1024, control_buffer=512 * 1024, slow_s=0.5
)


def run(story: Coroutine[Any, Any, None]) -> None:
    uvloop.run(story)


class Bustle:
    """A crowd that moves every tick, so that snapshots are large."""

    def __init__(self, region: Region, count: int = 400) -> None:
        self._region = region
        self._slots = [
            region.join(1_000_000 + n, (260.0 + n % 30, 0.0, 560.0 + n % 20)) for n in range(count)
        ]
        self._turn = 0

    def leave_one(self) -> int:
        slot = self._slots.pop()
        self._region.leave(slot)
        return slot

    def on_joined(self, player: object) -> None: ...
    def on_cells(self, player: object, entered: object, left: object) -> None: ...
    def on_tick(self, events: Events, now: float) -> None:
        self._turn += 1
        for n, slot in enumerate(self._slots):
            self._region.place(slot, (260.0 + n % 30 + self._turn % 7, 0.0, 560.0 + n % 20), now)


async def slow_client(mall: World) -> TestClient:
    """A client that has signed in and then reads no more, until the host has noticed."""
    client = await TestClient.connect(mall.url, receive_buffer=4096)
    await client.sign_in("Slow")
    await client.stop_reading()
    return client


def session_of(mall: World, client: TestClient) -> Any:
    return mall.gateway._live.get(client.player)


def test_who_does_not_read_is_dropped_and_the_others_notice_nothing() -> None:
    async def story() -> None:
        async with world(limits=SMALL) as mall:
            mall.gateway.watch(Bustle(mall.gateway.region))
            slow = await slow_client(mall)
            async with await TestClient.join(mall.url, "Ada") as ada:
                await mall.lobby.gone(slow.player)
                seen = len(ada.snapshots)
                await ada.until(lambda: len(ada.snapshots) > seen + 5)
                ticks = [snapshot.tick for snapshot in ada.snapshots]
                assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))
                await ada.until(lambda: slow.slot not in ada.avatars)
            await slow.closed()

    run(story())


def test_who_reads_again_in_time_gets_every_message_and_the_whole_view() -> None:
    async def story() -> None:
        async with world(limits=replace(SMALL, slow_s=60.0)) as mall:
            crowd = Bustle(mall.gateway.region)
            mall.gateway.watch(crowd)
            slow = await slow_client(mall)
            async with await TestClient.join(mall.url, "Ada") as ada:
                await ada.until(lambda: session_of(mall, slow).stalled_at is not None)
                for number in range(300):
                    mall.gateway.send(slow.player, {"t": "toast", "text": str(number), "kind": "info"})
                assert session_of(mall, slow)._link.buffered() < SMALL.control_buffer
                waiting = session_of(mall, slow)._link.buffered()
                gone = crowd.leave_one()
                here = (ada.spawn[0] + 1, 0.0, ada.spawn[2])
                await ada.move(*here)
                missed = len(ada.snapshots)
                await ada.until(lambda: len(ada.snapshots) > missed + 20)
                assert session_of(mall, slow)._link.buffered() == waiting
                assert gone not in ada.avatars
                slow.read()
                await slow.expect("toast", lambda toast: toast["text"] == "299")
                assert [toast["text"] for toast in slow.messages("toast")] == [str(n) for n in range(300)]
                await slow.until(lambda: slow.snapshots[-1].tick >= ada.snapshots[-1].tick)
                assert slow.avatars.keys() == ada.avatars.keys()
                assert slow.avatars[ada.slot].at == here
            await slow.close()

    run(story())


def test_messages_that_pile_up_beyond_the_limit_close_the_client() -> None:
    async def story() -> None:
        async with world(limits=replace(SMALL, slow_s=60.0, control_buffer=64 * 1024)) as mall:
            slow = await slow_client(mall)
            sent = 0
            while mall.gateway.send(slow.player, {"t": "toast", "text": "x" * 1000, "kind": "info"}):
                sent += 1
                assert sent < 10_000
            assert mall.lobby.left == [slow.player]
            await slow.closed()

    run(story())


@pytest.mark.parametrize("frame", [b"\x02" + bytes(19), '{"t":"nothing"}'])
def test_a_flood_is_closed_and_the_others_notice_nothing(frame: bytes | str) -> None:
    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url, "Ada") as ada:
            flood = await TestClient.join(mall.url)
            for _ in range(400):
                await flood.send_raw(frame)
            assert (await flood.expect("bye"))["code"] == "wire.flood"
            assert await flood.closed() == schema.CLOSE_CODES["wire.flood"]
            await ada.send({"t": "ping", "n": 1})
            await ada.expect("pong")

    run(story())


def test_too_many_bytes_are_a_flood_too() -> None:
    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url) as ada:
            for _ in range(40):
                await ada.send_raw('{"t":"nothing","x":"' + "y" * 8000 + '"}')
            assert (await ada.expect("bye"))["code"] == "wire.flood"

    run(story())


def test_an_oversized_frame_is_closed() -> None:
    async def story() -> None:
        async with world() as mall:
            client = await TestClient.join(mall.url)
            await client.send_raw("x" * (schema.MAX_TEXT_FRAME + 1))
            assert await client.closed() == schema.CLOSE_CODES["wire.too_large"]
            assert client.messages("bye")[0]["code"] == "wire.too_large"
            huge = await TestClient.join(mall.url)
            await huge.send_raw(bytes(1024 * 1024))
            assert await huge.closed() in (1009, 1006)
            assert mall.lobby.left == [client.player, huge.player]

    run(story())


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ('{"t":"chat","text":', "wire.bad_json", "JSON"),
        ("[]", "wire.bad_json", "object"),
        ("[" * 4000, "wire.bad_json", "JSON"),
        ('{"x":1}', "wire.bad_json", "`t`"),
        ('{"t":7}', "wire.bad_json", "`t`"),
        ('{"t":"chat"}', "wire.bad_field", "`text`"),
        ('{"t":"chat","text":7}', "wire.bad_field", "`text`"),
        ('{"t":"interact","entity":true,"verb":"use"}', "wire.bad_field", "`entity`"),
        ('{"t":"interact","entity":1e400,"verb":"use"}', "wire.bad_json", "JSON"),
        ('{"t":"interact","entity":9007199254740992,"verb":"use"}', "wire.bad_field", "`entity`"),
        ('{"t":"interact","entity":1.5,"verb":"use"}', "wire.bad_field", "`entity`"),
        ('{"t":"who","slots":[1,"2"]}', "wire.bad_field", "`slots`"),
        ('{"t":"hello","v":1,"client":"again"}', "wire.not_now", "already"),
    ],
)
def test_a_bad_message_is_answered_with_its_rule_and_place(text: str, code: str, named: str) -> None:
    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url) as ada:
            await ada.send_raw(text)
            error = await ada.expect("error")
            assert error["code"] == code
            assert named in error["message"]
            assert mall.lobby.said == []

    run(story())


def test_text_that_is_no_unicode_is_refused() -> None:
    async def story() -> None:
        async with world() as mall:
            client = await TestClient.join(mall.url)
            await client.socket.send(b'{"t":"chat","text":"\xff\xfe"}', text=True)
            assert (await client.expect("error"))["code"] == "wire.bad_json"
            await client.close()

    run(story())


def test_unknown_kinds_are_ignored_both_text_and_binary() -> None:
    async def story() -> None:
        async with world() as mall, await TestClient.join(mall.url) as ada:
            await ada.send({"t": "from_the_future", "x": 1})
            await ada.send_raw(b"\x7fwhatever")
            await ada.send_raw(b"")
            await ada.send({"t": "ping", "n": 1})
            await ada.expect("pong")
            assert ada.messages("error") == []

    run(story())


@pytest.mark.parametrize("bad", ["nonsense", b"\x02short"])
def test_repeated_errors_close(bad: str | bytes) -> None:
    async def story() -> None:
        async with world() as mall:
            client = await TestClient.join(mall.url)
            for _ in range(20):
                await client.send_raw(bad)
            assert await client.closed() == schema.CLOSE_CODES["wire.bad_frame"]
            assert len(client.messages("error")) < 20

    run(story())


def test_nothing_works_before_the_welcome() -> None:
    async def story() -> None:
        async with world() as mall:
            client = await TestClient.connect(mall.url)
            await client.move(1, 0, 1)
            await client.send({"t": "chat", "text": "hi"})
            assert (await client.expect("error"))["code"] == "wire.not_now"
            assert mall.lobby.said == []
            await client.close()

    run(story())


def test_silence_ends_a_session_and_so_does_a_missing_hello() -> None:
    async def story() -> None:
        limits = replace(Limits(), hello_s=0.2, ping_s=0.2, silent_s=1.0)
        async with world(limits=limits) as mall:
            client = await TestClient.connect(mall.url)
            assert await client.closed() == schema.CLOSE_CODES["wire.no_hello"]
            dead = await TestClient.connect(mall.url, receive_buffer=4096)
            await dead.sign_in()
            dead.socket.transport.pause_reading()  # a half-open socket: nothing is read, nothing answered
            alive = await TestClient.join(mall.url)
            async with asyncio.timeout(10):
                await mall.lobby.gone(dead.player)
            assert mall.gateway.player(alive.player) is not None
            dead.socket.transport.abort()
            await alive.close()

    run(story())


def test_a_full_host_says_so() -> None:
    async def story() -> None:
        async with world(limits=replace(Limits(), sessions=1)) as mall, await TestClient.join(mall.url):
            refused = await TestClient.connect(mall.url)
            assert await refused.closed() == schema.CLOSE_CODES["host.full"]

    run(story())


def test_a_fragmented_message_is_refused() -> None:
    async def story() -> None:
        async with world() as mall:
            client = await TestClient.join(mall.url)
            await client.socket.send(['{"t":"ping",', '"n":1}'])
            assert await client.closed() == schema.CLOSE_CODES["wire.bad_frame"]

    run(story())


def test_random_frames_never_break_the_host() -> None:
    async def story() -> None:
        limits = replace(Limits(), messages_per_s=1e9, message_burst=1e9, bytes_per_s=1e9, byte_burst=1e9)
        limits = replace(limits, errors_per_s=1e9, error_burst=1e9)
        async with world(limits=limits) as mall, await TestClient.join(mall.url) as fuzzer:
            for length in range(300):
                await fuzzer.send_raw(os.urandom(length))
                await fuzzer.send_raw(b"\x02" + os.urandom(19))
                await fuzzer.send_raw(os.urandom(length).decode("latin-1"))
            await fuzzer.send({"t": "ping", "n": 5})
            await fuzzer.expect("pong")
            assert mall.ticker.stats().failed == 0

    run(story())
