"""The child of a replay: a jailed process that runs one recorded state again and sends back all that comes out.

Started by `sandbox.replay` as `python -I -m sandbox.record_child SOCKET MARK`, jailed as a worker is. It is
told no digest, so code that breaks out of the state cannot answer what is wanted of it: the parent compares.
"""

from __future__ import annotations

import mmap
import struct
import sys

import msgspec

from sandbox.child import enter_jail, read_frame, write_all
from sandbox.limits import DEFAULT_PROCESS_LIMITS
from sandbox.runtime import State, StateResult
from sandbox.wire import FRAME_HEAD
from sandbox.worker import warm

MARK = struct.Struct("<q")
"""Number of the step that runs."""
ANSWER_BYTES = 256 << 10


class Begin(msgspec.Struct, tag="begin", array_like=True, frozen=True):
    """Make the state and load it; the answer is that of step 0."""

    configuration: bytes
    memory_bytes: int
    sources: dict[str, bytes]
    entry: str
    store: bytes
    now: float
    first: bytes
    cut: tuple[int, int]


class Steps(msgspec.Struct, tag="steps", array_like=True, frozen=True):
    """Deliver these batches: host time (UTC seconds), encoded events, cut (`State.deliver`)."""

    items: list[tuple[float, bytes, tuple[int, int]]]


class Answers(msgspec.Struct, array_like=True, frozen=True):
    """What came out of the next steps: commands, faults, store, whether the state lives. All of it is untrusted."""

    items: list[tuple[bytes, bytes, bytes | None, bool]]


encode = msgspec.msgpack.Encoder().encode
decode_to_child = msgspec.msgpack.Decoder(Begin | Steps).decode
decode_answers = msgspec.msgpack.Decoder(Answers).decode


class Child:
    """The state and the socket to the parent."""

    def __init__(self, socket: int, mark: mmap.mmap) -> None:
        self._socket = socket
        self._mark = mark
        self._state: State | None = None
        self._step = 0
        self._answers: list[tuple[bytes, bytes, bytes | None, bool]] = []
        self._bytes = 0

    def run(self) -> None:
        """Answers frames until the parent closes the socket."""
        while (body := read_frame(self._socket)) is not None:
            message = decode_to_child(body)
            if isinstance(message, Begin):
                self._begin(message)
            else:
                self._deliver(message)
            self.flush()

    def _begin(self, message: Begin) -> None:
        self._state = State(message.configuration, message.memory_bytes)
        loaded = self._state.load(
            message.sources, message.entry, message.store, message.now, message.first, message.cut
        )
        self._answer(loaded)

    def _deliver(self, message: Steps) -> None:
        if self._state is None:
            return
        for now, events, cut in message.items:
            self._step += 1
            self._mark[: MARK.size] = MARK.pack(self._step)
            self._answer(self._state.deliver(now, events, cut))

    def _answer(self, result: StateResult) -> None:
        self._answers.append((result.commands, result.faults, result.store, result.alive))
        self._bytes += len(result.commands) + len(result.faults) + len(result.store or b"")
        if self._bytes > ANSWER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Sends what waits."""
        body = encode(Answers(self._answers))
        write_all(self._socket, FRAME_HEAD.pack(len(body)) + body)
        self._answers.clear()
        self._bytes = 0


def main() -> None:
    """Entry of the process."""
    socket, mark_file = int(sys.argv[1]), int(sys.argv[2])
    mark = mmap.mmap(mark_file, mmap.PAGESIZE)
    warm()
    decode_to_child(encode(Steps([])))
    enter_jail(socket, mark_file, DEFAULT_PROCESS_LIMITS.address_space_bytes)
    Child(socket, mark).run()


if __name__ == "__main__":
    main()
