"""One writer per chain file: an operating-system lock beside it, gone with the process that holds it, however
that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from contracts.errors import ChainError


class WriterLock:
    """Holds `<file>.lock` until `release`. Raises ChainError `chain.locked` naming the holder when another
    process has it."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(self._file)
        except OSError as error:
            holder = os.read(self._file, 200).decode(errors="replace").strip() or "another process"
            os.close(self._file)
            raise ChainError(
                "chain.locked",
                f"the chain is in use by {holder}: stop it first, or open the chain read-only",
                path=str(path),
                holder=holder,
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, f"process {os.getpid()} ({Path(sys.argv[0]).name or 'python'})".encode())

    def release(self) -> None:
        """Lets the next writer in."""
        os.close(self._file)


if sys.platform == "win32":
    import msvcrt

    # The locked byte lies behind the holder's name, so that others can still read who it is.
    def _lock(file: int) -> None:
        os.lseek(file, 4096, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(file, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
