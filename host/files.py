"""Files that are on the disk as a whole when the call returns, or not there."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, part: Path, mode: int = 0o666) -> None:
    """Write `data` to `part`, in the same folder, and give it its name once it is on the disk.

    What a killed host left at `part` is written over. The mode is cut by the process's mask.

    Raises:
        OSError: it cannot be written; `part` may be left.
    """
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk.

    Raises:
        OSError: the disk refuses.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
