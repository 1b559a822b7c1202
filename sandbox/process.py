"""The host's side of one worker process: starting it, frames without blocking, the watchdog, the kill."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable

import msgspec

from sandbox.errors import SandboxError
from sandbox.limits import ProcessLimits
from sandbox.spawn import spawn
from sandbox.wire import FRAME_HEAD, MAX_FRAME, Batch, FromWorker, ToWorker, decode_from_worker, frame
from sandbox.worker import MARK

READ_BYTES = 256 << 10
TURN_S = 0.001
"""Time for frames in one turn of the loop; the rest waits for the next turn."""
WATCH_S = 0.05
ALLOWED_MAX_S = 2.0
"""The most that a worker's own note may claim to be allowed."""
SILENCE_S = 15.0
"""A busy worker that says nothing this long, and notes nobody, is taken as broken."""


class WorkerProcess:
    """One jailed child. `on_message` gets its frames; `on_death` gets the culprit (0 when unknown) and the reason."""

    def __init__(
        self,
        limits: ProcessLimits,
        on_message: Callable[[WorkerProcess, FromWorker], None],
        on_death: Callable[[WorkerProcess, int, str, str], None],
    ) -> None:
        self.instances: set[int] = set()
        self.awaited = 1
        """Answers that are still to come, first the Ready frame; the watchdog looks only while there are some."""
        self.serial = 0
        self.batches_out = 0
        self.jail: dict[str, str] = {}
        self._limits = limits
        self._on_message = on_message
        self._on_death = on_death
        self._loop = asyncio.get_running_loop()
        self._inbox = bytearray()
        self._outgoing = bytearray()
        self._parsing = False
        self._watch: asyncio.TimerHandle | None = None
        self._heard = time.monotonic()
        self.dead = False
        self._start()

    def _start(self) -> None:
        spawned = spawn("sandbox.worker", msgspec.json.encode(self._limits).decode())
        self._process, self._socket, self._mark = spawned.process, spawned.socket, spawned.mark
        self._loop.add_reader(self._socket.fileno(), self._readable)
        self._watch = self._loop.call_later(WATCH_S, self._look)

    @property
    def pid(self) -> int:
        """Process number of the child."""
        return self._process.pid

    def answered(self) -> None:
        """One awaited answer came. Raises SandboxError `sandbox.bad_frame` when none was awaited."""
        if self.awaited <= 0:
            raise SandboxError("sandbox.bad_frame", "a worker answered what nobody had asked")
        self.awaited -= 1

    def send_batch(self, now: float, items: list[tuple[int, bytes]]) -> None:
        """Queues a batch under the next serial."""
        self.serial += 1
        self.batches_out += 1
        self.send(Batch(self.serial, now, items))

    def send(self, message: ToWorker) -> None:
        """Queues one frame and expects at least one answer to it."""
        if self.dead:
            return
        self.awaited += 1
        self._heard = time.monotonic()
        if self._watch is None:
            self._watch = self._loop.call_later(WATCH_S, self._look)
        self._outgoing += frame(message)
        if len(self._outgoing) and not self._flush():
            self._loop.add_writer(self._socket.fileno(), self._writable)

    def _flush(self) -> bool:
        try:
            while self._outgoing:
                sent = self._socket.send(self._outgoing)
                del self._outgoing[:sent]
        except BlockingIOError:
            return False
        except OSError:
            # the child is gone; the reader sees the end of the stream and says why
            self._outgoing.clear()
        return True

    def _writable(self) -> None:
        if self._flush():
            self._loop.remove_writer(self._socket.fileno())

    def _readable(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as problem:
            self._fail("sandbox.worker_died", f"the socket of the worker failed: {problem}")
            return
        if not data:
            self._fail("sandbox.worker_died", "the worker ended by itself")
            return
        self._heard = time.monotonic()
        self._inbox += data
        if not self._parsing:
            self._parse()

    def _parse(self) -> None:
        self._parsing = False
        until = time.monotonic() + TURN_S
        while not self.dead and len(self._inbox) >= FRAME_HEAD.size:
            (size,) = FRAME_HEAD.unpack_from(self._inbox)
            if size > MAX_FRAME:
                self._fail(
                    "sandbox.bad_frame", f"a worker announced a frame of {size} bytes, at most {MAX_FRAME}"
                )
                return
            end = FRAME_HEAD.size + size
            if len(self._inbox) < end:
                return
            body = bytes(self._inbox[FRAME_HEAD.size : end])
            del self._inbox[:end]
            try:
                self._on_message(self, decode_from_worker(body))
            except SandboxError as problem:
                self._fail(problem.code, problem.message, int(problem.facts.get("instance", 0)))
                return
            if time.monotonic() > until:
                self._parsing = True
                self._loop.call_soon(self._parse)
                return

    def _look(self) -> None:
        """The watchdog: looks at the mark while answers are awaited."""
        self._watch = None
        if self.dead or self.awaited <= 0:
            return
        instance, since, cpu_then, allowed = mark = MARK.unpack_from(self._mark)
        if mark != MARK.unpack_from(self._mark):
            instance = 0  # it was written meanwhile, so the worker is alive
        now = time.monotonic()
        if instance:
            wall = now - since
            allowed = min(allowed, ALLOWED_MAX_S)
            if not wall <= allowed and self._cpu_since(cpu_then, wall) > allowed:
                self._fail("sandbox.hung", f"one call ran for more than {allowed:g} s", instance)
                return
            if wall > self._limits.starved_s:
                self._fail("sandbox.hung", f"one call took more than {self._limits.starved_s:g} s", instance)
                return
        elif now - self._heard > SILENCE_S:
            self._fail("sandbox.worker_died", f"the worker said nothing for {SILENCE_S:g} s")
            return
        self._watch = self._loop.call_later(WATCH_S, self._look)

    def _cpu_since(self, cpu_then: float, wall: float) -> float:
        """CPU seconds of the child since its mark, so that a worker which the machine starves is not taken as hung."""
        now = cpu_seconds(self._process.pid)
        return wall if now is None else now - cpu_then

    def _fail(self, code: str, reason: str, culprit: int = 0) -> None:
        if self.dead:
            return
        if not culprit:
            noted = MARK.unpack_from(self._mark)[0]
            culprit = noted if noted in self.instances else 0
        elif culprit not in self.instances:
            culprit = 0
        self.close()
        self._on_death(self, culprit, code, reason)

    def close(self) -> None:
        """Kills the child and lets go of the socket. `reap` waits for its end."""
        if self.dead:
            return
        self.dead = True
        if self._watch is not None:
            self._watch.cancel()
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket.close()
        self._mark.close()
        self._process.kill()

    async def reap(self) -> int:
        """Waits for the killed child; returns its exit status."""
        return await asyncio.to_thread(self._process.wait)


def cpu_seconds(pid: int) -> float | None:
    """CPU seconds of a child; None where the system has no such clock, or the child is gone.

    The clock of another process: clock_getcpuclockid(3), and CPUCLOCK_SCHED in the kernel.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None
