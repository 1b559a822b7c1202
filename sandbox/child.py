"""What jailed children share: frames over the socket to the host, and the way into the jail."""

from __future__ import annotations

import gc
import os

from sandbox import jail
from sandbox.wire import FRAME_HEAD


def read_frame(socket: int) -> bytes | None:
    """The body of the next frame; None when the host has closed the socket."""
    head = _read(socket, FRAME_HEAD.size)
    return None if head is None else _read(socket, FRAME_HEAD.unpack(head)[0])


def _read(socket: int, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        piece = os.read(socket, count - len(data))
        if not piece:
            return None
        data += piece
    return bytes(data)


def write_all(socket: int, data: bytes) -> None:
    """Writes everything, waiting for the host to read."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(socket, rest) :]


def enter_jail(socket: int, mark_file: int, address_space_bytes: int) -> dict[str, str]:
    """Jails this process for good, after all that it needs was touched. What each step of the jail said."""
    report = jail.apply(address_space_bytes, frozenset({0, 1, 2, socket, mark_file}))
    # what lives now lives for good; a collection of ours would only cost time
    gc.collect()
    gc.freeze()
    return report
