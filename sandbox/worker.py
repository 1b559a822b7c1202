"""A worker: a jailed process that holds many Lua states and answers frames over one socket.

Started by the supervisor as `python -I -m sandbox.worker SOCKET MARK LIMITS`, where SOCKET and MARK are
descriptors: a socket pair and a page of shared memory in which the worker notes whose code is running since when,
so that the culprit of a hang is known after the kill.
"""

from __future__ import annotations

import gc
import math
import mmap
import os
import struct
import sys
import time
from dataclasses import replace

import msgspec

from sandbox import jail
from sandbox.errors import SandboxError
from sandbox.limits import Limits
from sandbox.runtime import State, StateResult
from sandbox.wire import (
    FRAME_HEAD,
    Batch,
    Done,
    FaultInfo,
    FromWorker,
    Load,
    Out,
    Ready,
    ToWorker,
    Unload,
    Unloaded,
    decode_to_worker,
    frame,
)

MARK = struct.Struct("<qdd")
"""Instance (0 for nobody), monotonic seconds at its start, CPU seconds of the process then."""
NOBODY = MARK.pack(0, 0.0, 0.0)


class Worker:
    """The states of one process and the socket to the host."""

    def __init__(self, socket: int, mark: mmap.mmap, limits: Limits) -> None:
        self._socket = socket
        self._mark = mark
        self._limits = limits
        self._states: dict[int, State] = {}

    def run(self) -> None:
        """Answers frames until the host closes the socket."""
        while True:
            head = self._read(FRAME_HEAD.size)
            if head is None:
                return
            body = self._read(FRAME_HEAD.unpack(head)[0])
            if body is None:
                return
            self._handle(decode_to_worker(body))

    def send(self, message: FromWorker) -> None:
        """Writes one frame, waiting for the host to read."""
        rest = memoryview(frame(message))
        while rest:
            rest = rest[os.write(self._socket, rest) :]

    def _read(self, count: int) -> bytes | None:
        data = bytearray()
        while len(data) < count:
            piece = os.read(self._socket, count - len(data))
            if not piece:
                return None
            data += piece
        return bytes(data)

    def _handle(self, message: ToWorker) -> None:
        if isinstance(message, Batch):
            for instance, events in message.items:
                state = self._states.get(instance)
                if state is not None:
                    self._note(instance)
                    result = state.deliver(message.now, events)
                    self._answer(message.serial, instance, result)
            self.send(Done(message.serial))
        elif isinstance(message, Load):
            self._load(message)
        else:
            self._unload(message)

    def _load(self, message: Load) -> None:
        self._drop(message.instance)
        self._note(message.instance)
        state = State(message.configuration, self._limits)
        self._states[message.instance] = state
        result = state.load(message.sources, message.entry, message.store, message.now)
        if result.faults:
            result = replace(result, alive=False)
        self._answer(0, message.instance, result)

    def _unload(self, message: Unload) -> None:
        state = self._states.get(message.instance)
        store = None
        if state is not None:
            self._note(message.instance)
            try:
                store = state.snapshot()
            except SandboxError:
                store = None  # the host keeps the snapshot it has
        self._drop(message.instance)
        self._mark[: MARK.size] = NOBODY
        self.send(Unloaded(message.instance, store))

    def _answer(self, serial: int, instance: int, result: StateResult) -> None:
        self._mark[: MARK.size] = NOBODY
        if not result.alive:
            self._drop(instance)
        self.send(
            Out(
                serial,
                instance,
                result.commands,
                result.faults,
                result.store,
                result.instructions,
                result.cpu_s,
                result.memory_bytes,
                result.wake,
                result.alive,
            )
        )

    def _drop(self, instance: int) -> None:
        state = self._states.pop(instance, None)
        if state is not None:
            state.close()

    def _note(self, instance: int) -> None:
        self._mark[: MARK.size] = MARK.pack(instance, time.monotonic(), time.process_time())


def warm(limits: Limits) -> None:
    """Touches everything a worker needs, as nothing can be opened or imported inside the jail."""
    configuration = msgspec.msgpack.encode(
        {
            "limits": msgspec.to_builtins(limits),
            "seed": 1,
            "package": "warm/up",
            "language": "en",
            "footprint": (1.0, 1.0, 1.0),
            "capabilities": [],
            "settings": {},
            "facts": {},
            "texts": {},
        }
    )
    state = State(configuration, limits)
    state.load({"init.lua": b"mall.log(1)"}, "init.lua", b"", 0.0)
    state.deliver(0.0, b"")
    state.close()
    frame(Out(0, 1, b"", msgspec.msgpack.encode((FaultInfo("", "", ""),)), b"", 0, 0.0, 0, math.inf, True))


def main() -> None:
    """Entry of the process."""
    socket, mark_file = int(sys.argv[1]), int(sys.argv[2])
    limits = msgspec.json.decode(sys.argv[3], type=Limits)
    mark = mmap.mmap(mark_file, mmap.PAGESIZE)
    mark[: MARK.size] = NOBODY
    warm(limits)
    report = jail.apply(limits.address_space_bytes, frozenset({0, 1, 2, socket, mark_file}))
    # what lives now lives for good; a collection of ours would only cost time
    gc.collect()
    gc.freeze()
    worker = Worker(socket, mark, limits)
    worker.send(Ready(report))
    worker.run()


if __name__ == "__main__":
    main()
