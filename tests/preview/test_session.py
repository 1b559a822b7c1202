"""A save is live in the client, an error leaves the old game, a mended file goes on: a real host, a real player."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from host.preview.session import Preview, previewing
from host.preview.words import Words
from host.serve import Host
from tests.gateway.client import TestClient
from tests.hosting import POOL, config, write_package

BELL = """
local rings = 0
local bell = mall.world.spawn {{
  id = "bell", model = "ball", at = {{ 7.5, 1, 2 }}, label = "{label}", clickable = {{ prompt = "Ring" }},
}}
mall.on("interact", function(player)
  rings = rings + 1
  mall.log("rung", rings)
  player:say("{label} " .. rings)
end)
mall.on("snapshot", function() return rings end)
mall.on("restore", function(value) rings = value end)
"""
CAPS = ("world.build", "chat.say")


class Terminal(io.StringIO):
    """What was printed, and a way to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()

    def write(self, text: str) -> int:
        self.news.set()
        return super().write(text)

    async def until(self, holds: Callable[[str], bool]) -> None:
        try:
            async with asyncio.timeout(20):
                while not holds(self.getvalue()):
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"it was not said:\n{self.getvalue()}") from None


@dataclass
class Desk:
    """A creator's desk: the folder, what the terminal says, and who plays."""

    folder: Path
    out: Terminal
    host: Host
    preview: Preview
    player: TestClient

    def save(self, label: str) -> None:
        (self.folder / "init.lua").write_text(BELL.format(label=label))

    async def says(self, text: str) -> None:
        await self.out.until(lambda printed: text in printed)

    async def sees(self, label: str) -> int:
        """The bell's number, once it has this label."""

        def found() -> int | None:
            for message in reversed(self.player.messages("spawn")):
                for entity in message["entities"]:
                    if entity.get("label") == label:
                        return int(entity["id"])
            return None

        await self.player.until(lambda: found() is not None, 20, f"the label {label}")
        number = found()
        assert number is not None
        return number

    async def ring(self, bell: int, answer: str) -> None:
        await self.player.send({"t": "interact", "entity": bell, "verb": "use"})
        await self.player.expect("say", lambda m: m["text"] == answer)


@asynccontextmanager
async def at_desk(tmp_path: Path, lua: str | None = None, **package: object) -> AsyncIterator[Desk]:
    folder = write_package(
        tmp_path / "game",
        lua or BELL.format(label="one"),
        **{"required": CAPS, **package},  # type: ignore[arg-type]
    )
    out = Terminal()
    words = Words(Console(file=out, width=200, soft_wrap=True))
    settings = config(tmp_path / "data", idle_seconds=30)
    async with previewing(settings, folder, words, seed=7) as (host, preview):
        running = asyncio.create_task(preview.run())
        try:
            await out.until(lambda printed: "stands on" in printed)
            async with await TestClient.join(host.url, "Ada") as player:
                yield Desk(folder, out, host, preview, player)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def stand(desk: Desk) -> None:
    """Who comes is brought to the parcel: the client goes on from where it was put."""
    x, y, z = (await desk.player.expect("teleport"))["at"]
    await desk.player.move(x, y, z)
    await desk.player.expect("inside", lambda m: m["placement"] > 0)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


def test_a_save_is_live_an_error_leaves_the_old_game_and_a_mended_file_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_desk(tmp_path) as desk:
            await stand(desk)
            await desk.ring(await desk.sees("one"), "one 1")
            await desk.says("rung")

            began = time.monotonic()
            desk.save("two")
            two = await desk.sees("two")
            print(f"live in the client {time.monotonic() - began:.3f} s after the save")
            await desk.says("init.lua saved -> reloaded in")
            await desk.says("1 entity")
            await desk.ring(two, "two 2")  # what `snapshot` gave went on
            await (
                desk.host.play.refresh()
            )  # as after any change of a placement: the release on disk is the old one
            await desk.ring(two, "two 3")

            (desk.folder / "init.lua").write_text("local x = 1\nx = = 2\n")
            await desk.says("init.lua:2: unexpected symbol near '='")
            await desk.says("the game goes on as it was before this save")
            await desk.ring(two, "two 4")

            desk.save("three")
            await desk.ring(await desk.sees("three"), "three 5")

    run(story)


def test_an_error_while_playing_is_told_with_its_line_and_handler(tmp_path: Path) -> None:
    lua = BELL.format(label="one").replace('mall.log("rung", rings)', "mall.nothing.more()")

    async def story() -> None:
        async with at_desk(tmp_path, lua) as desk:
            await stand(desk)
            await desk.player.send({"t": "interact", "entity": await desk.sees("one"), "verb": "use"})
            await desk.says("init.lua:8: attempt to index a nil value (field 'nothing')")
            await desk.says("8 |   mall.nothing.more()")
            await desk.says("in the handler of 'interact'")

    run(story)


def test_a_package_that_does_not_load_at_first_runs_once_it_is_mended(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_desk(tmp_path, "error('not yet')") as desk:
            await desk.says("not yet")
            desk.save("mended")
            await desk.sees("mended")

    run(story)


def test_a_manifest_that_asks_for_more_is_placed_anew_and_granted(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_desk(tmp_path) as desk:
            write_package(
                desk.folder,
                BELL.format(label="paid"),
                required=(*CAPS, "reward.claim", "avatar.move"),
                more=POOL,
            )
            await desk.says("the manifest asks for something else, so it is placed anew")
            await desk.says(
                "granted: avatar.move, chat.say, reward.claim, world.build; pool daily has 100 LIVE"
            )
            await desk.sees("paid")

    run(story)


def test_a_manifest_that_is_wrong_says_all_that_is_and_the_old_game_stays(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_desk(tmp_path) as desk:
            await stand(desk)
            manifest = desk.folder / "package.toml"
            text = manifest.read_text()
            manifest.write_text(text.replace("api = 1", "api = 9"))
            await desk.says("package.toml:api")
            await desk.ring(await desk.sees("one"), "one 1")
            manifest.write_text(text)
            await desk.says("package.toml saved -> reloaded in")

    run(story)


def test_a_game_that_the_host_paused_runs_again_with_the_next_save(tmp_path: Path) -> None:
    lua = BELL.format(label="loops").replace('mall.log("rung", rings)', "while true do end")

    async def story() -> None:
        async with at_desk(tmp_path, lua) as desk:
            await stand(desk)
            for count in range(1, 4):
                bell = await desk.sees("loops")
                await desk.player.send({"t": "interact", "entity": bell, "verb": "use"})
                await desk.out.until(
                    lambda said, count=count: (
                        "paused" in said or said.count("instructions per event") >= count
                    )  # type: ignore[misc]
                )
            await desk.says("paused by the host")
            desk.save("calm")
            await desk.sees("calm")

    run(story)


def test_the_second_start_takes_the_release_that_stands(tmp_path: Path) -> None:
    async def story() -> None:
        for _ in range(2):
            async with at_desk(tmp_path) as desk:
                await desk.sees("one")
                places = desk.host.kernel.placements.living(desk.host.kernel.rows)
                assert [place.id for place in places] == [1]
                assert desk.host.kernel.packages.get(desk.host.kernel.rows, places[0].release).id == 1

    run(story)
