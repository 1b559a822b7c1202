"""Runs a recording again in a jailed process and compares, step by step, what comes out with what came out then.

Strangers' code never runs in this process. The child is killed when a step takes too long or when the caller is done.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import TracebackType

import msgspec

from sandbox.commands import Command
from sandbox.errors import SandboxError
from sandbox.events import Event
from sandbox.record_child import MARK, Answers, Begin, Steps, decode_answers
from sandbox.record_show import array_length, read_events
from sandbox.recording import Code, Ended, Faulted, Header, Reader, Stepped, configuration_of
from sandbox.spawn import spawn
from sandbox.wire import FRAME_HEAD, FaultInfo, decode_commands, decode_faults, encode, outbox_digest

STEP_S = 20.0
"""Wall time after which a step counts as hung: a replay measures no CPU, so only this ends it."""
START_S = 30.0
"""What the process may take for its start, on a machine that is busy."""
NO_CUT = (0, 0)
"""For a step that was not stopped: the state runs it without asking any clock."""
BATCH_STEPS = 512
BATCH_BYTES = 256 << 10
MAX_ANSWER = 4 << 20
READ_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Played:
    """A step as it came out again. `same` compares it with the recording; commands are decoded only on demand."""

    number: int
    step: Stepped
    same: bool
    commands: bytes
    faults: tuple[FaultInfo, ...]
    alive: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first differs. `now` in UTC seconds; `problem` says it in a sentence."""

    step: int
    now: float
    problem: str
    events: tuple[Event, ...] = ()
    commands: tuple[Command, ...] = ()
    faults: tuple[FaultInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a replay found. `recorded_s` is the time that the recording spans, `took_s` what the replay took.

    `ending` and `problem` say how the recording ends (`recording.Reader`), `ended` what it says of itself.
    """

    steps: int
    events: int
    recorded_s: float
    took_s: float
    difference: Difference | None
    ending: str
    problem: str
    ended: Ended | None
    told: tuple[Faulted, ...]

    @property
    def identical(self) -> bool:
        """Every step that was recorded came out the same, and the recording is sound as far as it goes."""
        return self.difference is None and self.ending != "damaged"


class Replayer:
    """One state in a jailed process. Use as a context manager: leaving it kills the process."""

    def __init__(self, header: Header, code: Code, step_s: float = STEP_S) -> None:
        """Starts the process. Whether `header.sandbox` is the present sandbox is for the caller to ask."""
        self.header = header
        self._code = code
        self._step_s = step_s
        self._inbox = bytearray()
        self._heard = False
        self._number = 0
        self._start()

    def __enter__(self) -> Replayer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.close()
        self._mark.close()

    def run(self, steps: Iterable[Stepped]) -> Iterator[Played]:
        """Plays the steps, the load first. Ends early where the state dies.

        Raises SandboxError `replay.hung` or `replay.child_died`.
        """
        rest = iter(steps)
        for first in islice(rest, 1):
            header = self.header
            configuration = configuration_of(header, self._code)
            sources = dict(self._code.sources)
            self._send(
                Begin(
                    configuration,
                    header.limits.memory_bytes,
                    sources,
                    header.entry,
                    header.store,
                    first.now,
                    first.events,
                    first.cut or NO_CUT,
                )
            )
            yield from self._take([first])
        while batch := _batch(rest):
            self._send(Steps([(step.now, step.events, step.cut or NO_CUT) for step in batch]))
            alive = True
            for played in self._take(batch):
                alive = played.alive
                yield played
            if not alive:
                return

    def commands(self, played: Played) -> tuple[Command, ...]:
        """The commands of a step, checked as the host checks them. Raises SandboxError `sandbox.bad_outbox`."""
        header = self.header
        return decode_commands(
            played.commands,
            limit=header.limits.outbox_bytes,
            footprint=header.footprint,
            capabilities=frozenset(header.capabilities),
        )

    def _take(self, batch: list[Stepped]) -> Iterator[Played]:
        waiting = iter(batch)
        left = len(batch)
        while left:
            for commands, raw_faults, store, alive in self._answers().items[:left]:
                step = next(waiting)
                faults = decode_faults(raw_faults)
                same = outbox_digest(commands, faults, store) == step.digest
                yield Played(self._number, step, same, commands, faults, alive)
                self._number += 1
                left -= 1

    def _start(self) -> None:
        spawned = spawn("sandbox.record_child")
        self._process, self._socket, self._mark = spawned.process, spawned.socket, spawned.mark

    def _send(self, message: Begin | Steps) -> None:
        body = encode(message)
        rest = memoryview(FRAME_HEAD.pack(len(body)) + body)
        while rest:
            self._wait(writing=True)
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                continue
            except OSError as problem:
                raise self._died() from problem

    def _answers(self) -> Answers:
        size = FRAME_HEAD.unpack(self._read(FRAME_HEAD.size))[0]
        if size > MAX_ANSWER:
            raise SandboxError("replay.child_died", f"the replaying process announced {size} bytes")
        try:
            found: Answers = decode_answers(self._read(size))
        except (msgspec.MsgspecError, RecursionError) as problem:
            raise SandboxError(
                "replay.child_died", f"the replaying process sent no answer: {problem}"
            ) from problem
        return found

    def _read(self, count: int) -> bytes:
        while len(self._inbox) < count:
            self._wait(writing=False)
            try:
                data = self._socket.recv(READ_BYTES)
            except BlockingIOError:
                continue
            except OSError as problem:
                raise self._died() from problem
            if not data:
                raise self._died()
            self._inbox += data
            self._heard = True
        found = bytes(self._inbox[:count])
        del self._inbox[:count]
        return found

    def _wait(self, *, writing: bool) -> None:
        """Until the socket is ready. Raises SandboxError `replay.hung` when one step runs for too long."""
        allowed = self._step_s if self._heard else self._step_s + START_S
        end, running = time.monotonic() + allowed, self._running()
        while True:
            ours = [self._socket]
            ready = select.select(
                [] if writing else ours, ours if writing else [], [], min(1.0, self._step_s)
            )
            if ready[0] or ready[1]:
                return
            if self._running() != running:
                end, running = time.monotonic() + self._step_s, self._running()
            if time.monotonic() >= end:
                raise SandboxError(
                    "replay.hung",
                    f"step {running} ran for more than {self._step_s:g} s; the replay was stopped",
                    step=running,
                )

    def _running(self) -> int:
        return int(MARK.unpack_from(self._mark)[0])

    def _died(self) -> SandboxError:
        return SandboxError(
            "replay.child_died", f"the replaying process died in step {self._running()}", step=self._running()
        )


def replay(reader: Reader, code: Code, step_s: float = STEP_S) -> Result:
    """Runs a whole recording again.

    A hang or the death of the process is a difference; that the recording is damaged is said in the result.
    """
    state = _Tally(reader)
    difference: Difference | None = None
    started = time.monotonic()
    with Replayer(reader.header, code, step_s) as replayer:
        try:
            for played in replayer.run(state.steps()):
                if not played.same:
                    difference = differ(replayer, played)
                    break
                if not played.alive:
                    difference = _died_early(state, played)
                    break
        except SandboxError as problem:
            step = int(problem.facts.get("step", state.count))
            difference = Difference(step, state.now, problem.message)
    state.finish()
    return Result(
        state.count, state.events, max(0.0, state.now - reader.header.now), time.monotonic() - started, difference,
        reader.ending, reader.problem, state.ended, tuple(state.told),
    )  # fmt: skip


class _Tally:
    """Hands the steps of a recording on and counts them."""

    def __init__(self, reader: Reader) -> None:
        self._rows = (row for block in reader.blocks() for row in block.rows)
        self.count = 0
        self.events = 0
        self.now = reader.header.now
        self.ended: Ended | None = None
        self.told: list[Faulted] = []

    def steps(self) -> Iterator[Stepped]:
        for row in self._rows:
            if isinstance(row, Stepped):
                self.count += 1
                self.events += array_length(row.events)
                self.now = row.now
                yield row
            elif isinstance(row, Ended):
                self.ended = row
            else:
                self.told.append(row)

    def finish(self) -> None:
        """Reads what is left, so that the ending is known."""
        for _ in self.steps():
            pass


def _died_early(state: _Tally, played: Played) -> Difference | None:
    """A state may die in the last recorded step alone."""
    if next(state.steps(), None) is None:
        return None
    return Difference(
        played.number, played.step.now, "the state died here, but the recording goes on", faults=played.faults
    )


def differ(replayer: Replayer, played: Played) -> Difference:
    """What is known of a step that came out otherwise."""
    problem = "commands, store or faults are not those that were recorded"
    commands: tuple[Command, ...] = ()
    try:
        commands = replayer.commands(played)
    except SandboxError as error:
        problem = f"{problem}; they cannot even be read: {error.message}"
    return Difference(
        played.number, played.step.now, problem, read_events(played.step.events), commands, played.faults
    )


def _batch(steps: Iterator[Stepped]) -> list[Stepped]:
    batch: list[Stepped] = []
    size = 0
    for step in islice(steps, BATCH_STEPS):
        batch.append(step)
        size += len(step.events)
        if size > BATCH_BYTES:
            break
    return batch
