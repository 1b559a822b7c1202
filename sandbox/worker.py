"""A worker: a jailed process that holds many Lua states and answers frames over one socket.

Started by the supervisor as `python -I -m sandbox.worker SOCKET MARK LIMITS`, where SOCKET and MARK are
descriptors: a socket pair and a page of shared memory in which the worker notes whose code is running since when,
so that the culprit of a hang is known after the kill.
"""

from __future__ import annotations

import contextlib
import mmap
import struct
import sys
import time

import msgspec

from sandbox.child import enter_jail, read_frame, write_all
from sandbox.errors import SandboxError
from sandbox.limits import ProcessLimits
from sandbox.runtime import State, StateResult, encode_configuration
from sandbox.wire import (
    Batch,
    FaultInfo,
    FromWorker,
    Handed,
    HandOver,
    InstanceSpec,
    Load,
    LoadOut,
    Out,
    Outs,
    Ready,
    ToWorker,
    Unload,
    Unloaded,
    decode_to_worker,
    frame,
)

MARK, NUMBER, TIMES = struct.Struct("<qddd"), struct.Struct("<q"), struct.Struct("<ddd")
"""Instance (0 for nobody), monotonic seconds at its start, CPU seconds of the process then, CPU seconds allowed."""
NOBODY = bytes(8)
FLUSH_S = 0.001
FLUSH_BYTES = 64 << 10
"""Results wait for others no longer and no larger than this, so that little is lost with a worker that is killed."""


class Worker:
    """The states of one process and the socket to the host."""

    def __init__(self, socket: int, mark: mmap.mmap, limits: ProcessLimits) -> None:
        self._socket = socket
        self._mark = mark
        self._limits = limits
        self._states: dict[int, State] = {}

    def run(self) -> None:
        """Answers frames until the host closes the socket."""
        while (body := read_frame(self._socket)) is not None:
            self._handle(decode_to_worker(body))

    def send(self, message: FromWorker) -> None:
        """Writes one frame, waiting for the host to read."""
        write_all(self._socket, frame(message))

    def _handle(self, message: ToWorker) -> None:
        if isinstance(message, Batch):
            self._batch(message)
        elif isinstance(message, Load):
            self._load(message)
        elif isinstance(message, HandOver):
            self._hand_over(message)
        else:
            self._unload(message)

    def _batch(self, message: Batch) -> None:
        results: list[tuple[int, StateResult]] = []
        waiting, cpu, flushed = 0, time.process_time(), time.monotonic()
        clock, allowed, states, when = time.monotonic, self._limits.watchdog_s, self._states, message.now
        for instance, events in message.items:
            state = states.get(instance)
            if state is None:
                continue
            now = clock()
            if results and (now - flushed > FLUSH_S or waiting > FLUSH_BYTES):
                cpu, flushed = self._flush(message.serial, results, cpu, done=False), now
                results, waiting = [], 0
            self._note(instance, now, cpu, allowed)
            result = state.deliver(when, events)
            if not result.alive:
                self._drop(instance)
            results.append((instance, result))
            waiting += len(result.commands) + len(result.store or b"") + len(result.faults)
        self._flush(message.serial, results, cpu, done=True)

    def _flush(self, serial: int, results: list[tuple[int, StateResult]], cpu: float, *, done: bool) -> float:
        """Sends results, their times made right by the CPU that all of them took. Returns the clock of the CPU."""
        self._mark[:8] = NOBODY
        now = time.process_time()
        wall = sum(result.cpu_s for _, result in results)
        share = min(1.0, (now - cpu) / wall) if wall > 0.0 else 1.0
        self.send(Outs(serial, [_out(instance, result, share) for instance, result in results], done))
        return now

    def _load(self, message: Load) -> None:
        if not message.reload:
            self._drop(message.instance)
        self._note_long(message.instance)
        state = State(message.configuration, message.memory_bytes)
        result = state.load(message.sources, message.entry, message.store, message.now, message.first)
        self._mark[:8] = NOBODY
        if result.faults:
            state.close()
            result = msgspec.structs.replace(result, alive=False)
        else:
            self._drop(message.instance)
            self._states[message.instance] = state
        self.send(LoadOut(_out(message.instance, result)))

    def _hand_over(self, message: HandOver) -> None:
        state, store, value, faults = self._states.get(message.instance), b"", b"", b""
        if state is not None:
            self._note_long(message.instance)
            with contextlib.suppress(SandboxError):  # the host then goes on with the snapshot it has
                store, value, faults = state.hand_over(message.now)
            self._mark[:8] = NOBODY
        self.send(Handed(message.instance, store, value, faults))

    def _unload(self, message: Unload) -> None:
        state, store = self._states.get(message.instance), None
        if state is not None:
            self._note_long(message.instance)
            with contextlib.suppress(SandboxError):  # the host keeps the snapshot it has
                store = state.snapshot()
        self._drop(message.instance)
        self._mark[:8] = NOBODY
        self.send(Unloaded(message.instance, store))

    def _drop(self, instance: int) -> None:
        state = self._states.pop(instance, None)
        if state is not None:
            state.close()

    def _note(self, instance: int, now: float, cpu: float, allowed: float) -> None:
        """The instance comes last, in one piece, so that the watchdog never sees it with an earlier one's times."""
        TIMES.pack_into(self._mark, 8, now, cpu, allowed)
        NUMBER.pack_into(self._mark, 0, instance)

    def _note_long(self, instance: int) -> None:
        self._note(instance, time.monotonic(), time.process_time(), self._limits.load_watchdog_s)


def _out(instance: int, result: StateResult, share: float = 1.0) -> Out:
    return Out(
        instance,
        result.commands,
        result.faults,
        result.store,
        result.instructions,
        result.cpu_s * share,
        result.memory_bytes,
        result.wake,
        result.alive,
    )


def warm() -> None:
    """Touches everything a worker needs, as nothing can be opened or imported inside the jail."""
    spec = InstanceSpec(
        instance=1,
        package="warm/up",
        version="1.0.0",
        digest="",
        sources={"init.lua": b"mall.log(1)"},
        entry="init.lua",
        settings={},
        capabilities=frozenset(),
        seed=1,
        now=0.0,
        footprint=(1.0, 1.0, 1.0),
        facts={},
    )
    state = State(encode_configuration(spec), spec.limits.memory_bytes)
    result = state.load(spec.sources, spec.entry, b"", 0.0)
    state.deliver(0.0, b"")
    state.close()
    frame(LoadOut(_out(1, result)))
    msgspec.msgpack.encode((FaultInfo("", "", ""),))


def main() -> None:
    """Entry of the process."""
    socket, mark_file = int(sys.argv[1]), int(sys.argv[2])
    limits = msgspec.json.decode(sys.argv[3], type=ProcessLimits)
    mark = mmap.mmap(mark_file, mmap.PAGESIZE)
    mark[:8] = NOBODY
    warm()
    report = enter_jail(socket, mark_file, limits.address_space_bytes)
    worker = Worker(socket, mark, limits)
    worker.send(Ready(report))
    worker.run()


if __name__ == "__main__":
    main()
