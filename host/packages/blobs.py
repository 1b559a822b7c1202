"""Archives on disk, named by digest: durable before any row names them, checked when they are read."""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import Path
from typing import Final

from host.errors import MallError
from host.files import write_whole
from host.packages import archive
from host.packages.models import Package

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Blobs:
    """The folder of archives. Removing a file there loses the release's content; backups take it along."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.part"):  # of a host that was killed while writing
            left.unlink()

    def put(self, package: Package) -> None:
        """Keep the package, packed by us; returns once it is on disk.

        Raises:
            MallError: storage.disk_full.
        """
        path = self._path(package.digest)
        if path.exists():
            return
        part = path.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            write_whole(path, archive.pack(package.files), part)
        except OSError as error:
            with contextlib.suppress(OSError):  # what is left is swept at the next start
                part.unlink()
            raise MallError(
                "storage.disk_full",
                f"The archive could not be kept ({error.strerror}); nothing is half done. Free some space.",
            ) from error

    def get(self, digest: str) -> Package:
        """The package with this digest.

        Raises:
            MallError: package.lost, when the file is gone or is another's.
        """
        path = self._path(digest)
        try:
            package = archive.open_package(archive.unpack(path.read_bytes()))
        except (OSError, MallError) as error:
            raise self._lost(path) from error
        if package.digest != digest:
            raise self._lost(path)
        return package

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise MallError("package.lost", f"{digest[:80]!r} is no digest.", digest=digest[:80])
        return self._folder / f"{digest}.mall"

    def _lost(self, path: Path) -> MallError:
        return MallError(
            "package.lost",
            f"The archive {path.name} is missing or changed. Restore it from a backup of the data folder.",
            digest=path.stem,
        )
