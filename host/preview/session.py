"""`mall run`: a host of the creator's own with one package in it, which every save brings up to date."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from host.config import Config
from host.errors import MallError
from host.events import InstanceFaulted, PlacementChanged
from host.gateway.lobby import PlayerRef, Watcher
from host.godot.engine import cache_root
from host.kernel import open_kernel
from host.packages.models import Manifest
from host.packages.scan import world_sources, world_texts
from host.play.models import Placed
from host.play.reloading import reload
from host.preview import folder as folders
from host.preview.ground import Ground, grounds
from host.preview.words import Words
from host.serve import Host
from host.story import asker
from sandbox.commands import Spawn
from sandbox.errors import SandboxError
from sandbox.wire import Loaded

WAKING_S = 0.02
OLD_GOES_ON = "the game goes on as it was before this save"
log = logging.getLogger(__name__)


def data_folder(folder: Path) -> Path:
    """The throw-away data folder of a package's previews; kept, so that the next start is quick."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return cache_root() / "preview" / name


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A save that runs now. `seconds` from the look that saw it to the swap."""

    names: tuple[str, ...]
    seconds: float
    entities: int
    memory_bytes: int


class Preview(Watcher):
    """One package on one host. Use `previewing`."""

    def __init__(self, host: Host, folder: Path, words: Words) -> None:
        self._host = host
        self._folder = folder
        self._words = words
        self._ground = Ground(host.kernel.config, host.kernel, asker(host.kernel.config))
        self._manifest: Manifest | None = None
        self._sources: Mapping[str, bytes] = {}
        self._watch = folders.Watch(folder)
        self._paused = False
        host.kernel.bus.subscribe(InstanceFaulted, self._faulted)
        host.kernel.bus.subscribe(PlacementChanged, self._moved)
        host.gateway.watch(self)

    async def run(self) -> None:
        """Place the package, then bring it up to date at each save, for good."""
        await self.place()
        while True:
            names = await self._watch.saved()
            await self.saved(names)

    async def saved(self, names: list[str]) -> Reloaded | None:
        """Bring the game up to date with the folder; what it says is said. None where it was not swapped live."""
        began = time.monotonic()
        try:
            files, package = await asyncio.to_thread(folders.read, self._folder)
        except MallError as error:
            self._tell(error, OLD_GOES_ON)
            return None
        manifest, self._sources = package.manifest, world_sources(files)
        if self._manifest is None or grounds(manifest) != grounds(self._manifest):
            self._words.note(
                f"{_few(names)} saved: the manifest asks for something else, so it is placed anew"
            )
            await self.place()
            return None
        try:
            await self._resume()
            loaded = await self._swap(manifest, files)
        except (SandboxError, MallError) as error:
            self._tell(error, OLD_GOES_ON)
            return None
        self._manifest = manifest
        entities = sum(isinstance(command, Spawn) for command in loaded.outbox.commands)
        done = Reloaded(tuple(names), time.monotonic() - began, entities, loaded.memory_bytes)
        self._words.good(
            f"{_few(names)} saved -> reloaded in {done.seconds * 1000:.0f} ms, {_count(entities, 'entity')}, "
            f"{done.memory_bytes >> 10} KiB"
        )
        return done

    async def place(self) -> None:
        """Publish, grant and enable what lies in the folder; where the host refuses it, that is said."""
        first = self._manifest is None
        try:
            manifest = await asyncio.to_thread(self._ground.place, self._folder)
            files, _ = await asyncio.to_thread(folders.read, self._folder)
            self._manifest, self._sources, self._paused = manifest, world_sources(files), False
            await self._host.play.refresh()
            granted = ", ".join(sorted(manifest.capabilities)) or "none"
            self._words.good(
                f"{manifest.id} stands on Tierra {self._tierra()}, granted: {granted}"
                + "".join(f"; pool {pool.name} has 100 LIVE to try" for pool in manifest.pools)
            )
            await self._try(manifest, files)
        except (SandboxError, MallError) as error:
            self._tell(
                error, "nothing runs yet; it is tried again at the next save" if first else OLD_GOES_ON
            )

    async def _try(self, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        """Load it once where nobody is near to wake it, so that an error shows at once."""
        stage = self._host.play.stages.get(self._ground.placement)
        if stage is None or stage.instance or stage.waking:
            return
        loaded = await self._swap(manifest, files)
        entities = sum(isinstance(command, Spawn) for command in loaded.outbox.commands)
        self._words.good(
            f"loads in {loaded.seconds * 1000:.0f} ms: {_count(entities, 'entity')}, {loaded.memory_bytes >> 10} KiB"
        )

    async def _swap(self, manifest: Manifest, files: Mapping[str, bytes]) -> Loaded:
        play = self._host.play
        while True:
            stage = play.stages.get(self._ground.placement)
            if stage is None:
                raise MallError("play.not_placed", "The package is not enabled; see what was said before.")
            if not stage.waking:
                break
            await asyncio.sleep(WAKING_S)
        placed = with_files(stage.placed, manifest, files)
        return await reload(play, self._host.supervisor, placed, self._host.now())

    async def _resume(self) -> None:
        if self._paused:
            self._paused = False
            await asyncio.to_thread(self._ground.resume)
            await self._host.play.refresh()

    # what happens in the city

    def on_joined(self, player: PlayerRef) -> None:
        """Who comes stands at the parcel, once the client knows where it is."""
        asyncio.get_running_loop().call_soon(self._bring, player)

    def _bring(self, player: PlayerRef) -> None:
        stage = self._host.play.stages.get(self._ground.placement)
        if stage is not None:
            placed = stage.placed
            self._host.gateway.teleport(player.id, placed.to_world((placed.rect.w / 2, 0.0, 0.5)))

    def _tierra(self) -> int:
        stage = self._host.play.stages.get(self._ground.placement)
        return stage.placed.tierra if stage is not None else -1

    def _faulted(self, event: InstanceFaulted) -> None:
        if event.placement == self._ground.placement:
            file, _, line = event.place.rpartition(":")
            handler = f"in the handler of {event.handler!r}" if event.handler else ""
            self._words.error(
                event.code, event.message, self._sources, file=file,
                line=int(line) if line.isdigit() else 0, then=handler,
            )  # fmt: skip

    def _moved(self, event: PlacementChanged) -> None:
        if event.placement == self._ground.placement and event.after == "paused":
            self._paused = True
            self._words.warn(
                "paused by the host, as live after so many faults; it runs again with your next save"
            )

    def _tell(self, error: SandboxError | MallError, then: str) -> None:
        facts = error.facts
        self._words.error(
            error.code, error.message, self._sources, file=str(facts.get("file", "")),
            line=int(facts.get("line", 0) or 0), then=then,
        )  # fmt: skip


def with_files(placed: Placed, manifest: Manifest, files: Mapping[str, bytes]) -> Placed:
    """The placement with these files in the place of its release's; settings at their defaults."""
    return replace(
        placed,
        sources=world_sources(files),
        entry=manifest.entry,
        title=manifest.title,
        settings={field.name: field.default for field in manifest.settings},
        texts=world_texts(files),
    )


class GameLines(logging.Handler):
    """Tells the lines of `mall.log`, which the play layer writes into the host's log."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and str(record.msg).endswith("says: %s"):
            self._words.said(str(record.args[1]))


@asynccontextmanager
async def previewing(
    config: Config, folder: Path, words: Words, seed: int | None
) -> AsyncIterator[tuple[Host, Preview]]:
    """A host on `config.data` and the preview of a folder on it.

    Raises:
        MallError: what a host raises when it starts.
    """
    lines, said = GameLines(words), logging.getLogger("host.play.commands")
    with open_kernel(config) as kernel:
        host = Host(kernel)
        host.play.seed = seed
        await host.start()
        level = said.level
        said.addHandler(lines)
        said.setLevel(logging.INFO)
        said.propagate = False
        try:
            yield host, Preview(host, folder, words)
        finally:
            said.removeHandler(lines)
            said.setLevel(level)
            said.propagate = True
            await host.stop()


async def until_ended(work: Preview, ended: asyncio.Event) -> None:
    """Run the preview until `ended` is set."""
    running = asyncio.create_task(work.run())
    waiting = asyncio.create_task(ended.wait())
    done, _ = await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (running, waiting):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    if running in done:
        running.result()


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _count(number: int, thing: str) -> str:
    plural = thing[:-1] + "ies" if thing.endswith("y") else thing + "s"
    return f"{number} {thing if number == 1 else plural}"
