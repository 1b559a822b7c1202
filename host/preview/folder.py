"""Watches the folder of a package and reads it; a save may be half done, so what changes is read once it lies still.

The files are looked at by `stat` alone, a few dozen calls each time: under a millisecond for a hundred files, on every
system alike, also where the folder lies on a network.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from host.errors import MallError
from host.packages import archive
from host.packages.archive import MANIFEST
from host.packages.models import Package

POLL_S = 0.15
SETTLE_S = 0.03
"""A save is over when two looks, so far apart, see the same."""
_VERSION_LINE = re.compile(rb'^(version[ \t]*=[ \t]*")([0-9]+\.[0-9]+\.[0-9]+)[^"\n]*"', re.MULTILINE)

Marks = Mapping[str, tuple[int, int]]
"""Size and time of the last change (nanoseconds) of each file."""


def look(folder: Path) -> dict[str, tuple[int, int]]:
    """The marks of a package's files; dot files and dot folders, tests and `__pycache__` are left out."""
    marks: dict[str, tuple[int, int]] = {}
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            entries = list(os.scandir(folder / inside))
        except OSError:
            continue  # a folder that went away between two looks holds nothing
        for entry in entries:
            path = f"{inside}{entry.name}"
            if entry.name.startswith(".") or path in ("tests", "__pycache__"):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path + "/")
                else:
                    found = entry.stat()
                    marks[path] = (found.st_size, found.st_mtime_ns)
            except FileNotFoundError:
                continue  # the same for a file: an editor's own, or one that is being replaced
    return marks


def changed(before: Marks, after: Marks) -> list[str]:
    """Names of the files that differ."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


class Watch:
    """Waits for saves in a folder. `look` gives its marks at this moment."""

    def __init__(self, folder: Path, look: Callable[[Path], Marks] = look) -> None:
        self._folder = folder
        self._look = look
        self._marks = look(folder)

    async def saved(self) -> list[str]:
        """The files of the next save, once they lie still."""
        before = self._marks
        while True:
            await asyncio.sleep(POLL_S if self._marks == before else SETTLE_S)
            now = self._look(self._folder)
            if now == self._marks != before:
                return changed(before, now)
            self._marks = now


def read(folder: Path) -> tuple[dict[str, bytes], Package]:
    """The files of the folder and the package that they make.

    Raises:
        MallError: package.* with all that is wrong.
    """
    files = archive.read_folder(folder)
    return files, archive.open_package(files)


def stamped(files: Mapping[str, bytes], number: int) -> dict[str, bytes]:
    """The same package as a version of its own, before the one it will be: 1.2.0 becomes 1.2.0-p.NUMBER.

    A host refuses two contents for one version (semver 2.0.0, item 3), and a preview has many.
    """
    text, count = _VERSION_LINE.subn(rb'\g<1>\g<2>-p.%d"' % number, files[MANIFEST], count=1)
    if not count:
        raise MallError(
            "preview.no_version", f'{MANIFEST}: write the version on a line of its own: version = "1.0.0".'
        )
    return {**files, MANIFEST: text}


def digest(files: Mapping[str, bytes]) -> str:
    """Of all contents, to know them again."""
    seen = hashlib.sha256()
    for path in sorted(files):
        seen.update(f"{path}\0{len(files[path])}\0".encode())
        seen.update(files[path])
    return seen.hexdigest()
