"""Starts a jailed child of ours: a worker, or the child of a replay. `sandbox.child` is its other side."""

from __future__ import annotations

import mmap
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass

SOCKET_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Spawned:
    """The process, our end of its socket, which does not block, and the page in which it notes what it does."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    mark: mmap.mmap


def spawn(module: str, *arguments: str) -> Spawned:
    """Runs `python -I -B -m MODULE SOCKET MARK ARGUMENTS...` with those two descriptors and nothing else of ours."""
    ours, theirs = socket.socketpair()
    mark_file = os.memfd_create("mall-worker-mark") if hasattr(os, "memfd_create") else _temporary_file()
    try:
        os.ftruncate(mark_file, mmap.PAGESIZE)
        mark = mmap.mmap(mark_file, mmap.PAGESIZE)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        ours.setblocking(False)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-I", "-B", "-m", module, str(theirs.fileno()), str(mark_file), *arguments],
            pass_fds=(theirs.fileno(), mark_file),
            stdin=subprocess.DEVNULL,
            env={"MALLOC_ARENA_MAX": "1", "LANG": "C", "PATH": ""},
            start_new_session=True,  # Ctrl-C is for us, who end our children after what has to be kept is kept
        )
    finally:
        theirs.close()
        os.close(mark_file)
    return Spawned(process, ours, mark)


def _temporary_file() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
