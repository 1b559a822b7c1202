"""Puts a creator's folder on a parcel of the own machine's city, through the host's doors, by local people."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from host.accounts.models import PLAYER
from host.config import Config
from host.kernel import Kernel
from host.keyfile import load_key
from host.land import atlas
from host.packages import archive, signature
from host.packages.capabilities import of_level
from host.packages.models import Manifest
from host.preview import folder as folders
from host.storage.tx import Tx
from host.story import Ask, Story, nearest_plot

FREE = {"notes": "", "version": "", "title": "", "summary": "", "settings": (), "tags": (), "languages": ()}
"""What of a manifest may change while the game runs; the rest is part of what was granted."""


@dataclass(frozen=True, slots=True)
class Stood:
    """The last release, by the digest of its files and its number among the previews."""

    digest: str
    number: int


def grounds(manifest: Manifest) -> Manifest:
    """The part of a manifest that a placement was granted for: two that are equal here may be swapped live."""
    return replace(manifest, entry="", **FREE)  # type: ignore[arg-type]


class Ground:
    """The parcel of one preview. Its methods block; run them beside the loop.

    Args:
        ask: runs commands of the host that serves `config.data`.
    """

    def __init__(self, config: Config, kernel: Kernel, ask: Ask) -> None:
        people = config.data / "people"
        self._kernel = kernel
        self._ask = ask
        self._memory = config.data / "preview.json"
        self._creator, self._holder = load_key(people / "creator.key"), load_key(people / "landholder.key")
        self._story: Story | None = None

    @property
    def placement(self) -> int:
        """Number of the placement, 0 before the first."""
        return self._story.placement if self._story else 0

    def place(self, folder: Path) -> Manifest:
        """Publish what lies in the folder, give it land, fund its pools and enable it; what is done stays.

        Raises:
            MallError: package.* where the host's scan stops it, placement.*.
        """
        files, package = folders.read(folder)
        manifest = package.manifest
        width, depth = manifest.footprint.width, manifest.footprint.depth
        tierra = nearest_plot(width, depth)
        story = Story(self._ask, folder, self._creator, self._holder, tierra)
        for number in _cells(tierra, width, depth):
            self._ask("grant", tierra=number, to=self._holder.address)
        story.release = self._publish(files)
        story.approve()
        self._clear_others(tierra, manifest)
        story.place()
        story.fund()
        story.enable()
        self._story = story
        return manifest

    def resume(self) -> None:
        """Let a paused placement run again, as its holder."""
        if self._story is not None:
            self._story.place()

    def _publish(self, files: dict[str, bytes]) -> int:
        """The release of these files; the same files are the same release."""
        digest, last = folders.digest(files), self._remembered()
        number = last.number if last.digest == digest else max(int(time.time()), last.number + 1)
        package = archive.open_package(folders.stamped(files, number))
        archived = archive.pack(signature.sign(package, self._creator))
        got = self._ask("publish", archive=base64.b64encode(archived).decode())
        self._memory.write_text(json.dumps({"digest": digest, "number": number}))
        return int(got["release"])

    def _remembered(self) -> Stood:
        try:
            return Stood(**json.loads(self._memory.read_text()))
        except (OSError, ValueError, TypeError):
            return Stood("", 0)  # none yet, or not ours: a new release is made

    def _clear_others(self, tierra: int, manifest: Manifest) -> None:
        """End what cannot become this release: another package, other ground, or a holder's grant that is missing."""
        placements, room = self._kernel.placements, manifest.footprint
        asked = of_level(manifest.capabilities, "sensitive")
        for place in placements.living(self._kernel.rows):
            same = (place.package, place.tierra) == (manifest.id, tierra)
            fits = (place.width, place.depth) == (room.width, room.depth) and asked <= place.grants
            if not (same and fits):
                self._kernel.write(partial(self._retire, number=place.id))

    def _retire(self, tx: Tx, number: int) -> None:
        actor = self._kernel.accounts.ensure_account(
            tx, self._holder.address, "Landholder", frozenset({PLAYER})
        ).actor
        self._kernel.placements.retire(tx, actor, number, "the preview needs the ground")


def _cells(tierra: int, width: int, depth: int) -> list[int]:
    """Tierra of a footprint whose south-west cell is `tierra`."""
    plot = atlas.tierra(tierra)
    return [
        atlas.number_at(plot.region, plot.x + east, plot.y + north)
        for east in range(width)
        for north in range(depth)
    ]
