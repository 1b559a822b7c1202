"""Recordings on the disk: every run of every instance, written beside the loop.

Steps are gathered in memory and go to disk in a thread of their own: when 64 KiB wait, every two seconds, and before a
claim is decided. So a claim that is booked has all that led to it on the disk, whenever the host is killed; of the
rest at most the last seconds are lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from host.errors import MallError
from host.files import sync_folder, write_whole
from host.play.retention import ALPHABET, Claimed, Keep, code_path, recording_path, recover, sweep
from sandbox.recording import (
    MAX_BLOCK,
    MAX_UNPACKED,
    BlockWriter,
    Code,
    Ended,
    Faulted,
    encode_row,
    header_of,
    row_of,
)
from sandbox.wire import Fault, InstanceSpec, Step

log = logging.getLogger(__name__)
FLUSH_S = 2.0
FLUSH_BYTES = 64 << 10
WAITING_BYTES = 64 << 20
"""Bytes that may wait for the disk; a recording that would need more is closed."""
FULL = "the recording was full"
SWEEP_S = 600.0
REMEMBERED = 256
"""Runs whose recording was closed, but whose last claims may still be on their way."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a recording was on disk: its first `at` bytes, which `check` (hexadecimal) stands for.

    `problem` says why what came last is not in it, "" when all is.
    """

    at: int
    check: str
    problem: str = ""


@dataclass(slots=True)
class _File:
    """The writing thread's side of a recording; the loop only looks at `problem`."""

    path: Path
    limit: int
    writer: BlockWriter = field(default_factory=BlockWriter)
    descriptor: int = -1
    unpacked: int = 0
    mark: tuple[int, bytes] = (0, b"")
    problem: str = ""

    def told(self) -> tuple[int, str]:
        """How far it is, as a mark says it."""
        at, check = self.mark
        return at, check.hex()


@dataclass(slots=True)
class _Tape:
    """The loop's side: rows that wait."""

    session: str
    instance: int
    generation: int
    file: _File
    rows: list[bytes] = field(default_factory=list)
    size: int = 0
    steps: int = 0
    faults: int = 0
    closed: bool = False
    lost: bool = False
    synced: asyncio.Future[Mark] | None = None


class Recordings:
    """The recorder of a host's supervisor. Everything is called in the loop.

    Args:
        folder: where recordings lie, one folder a placement.
        keep: how long and how much.
        claimed: tells, in any thread, the sessions that must be kept for their claims.
    """

    def __init__(self, folder: Path, keep: Keep, claimed: Claimed, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._keep = keep
        self._claimed = claimed
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "recordings")
        self._names: dict[tuple[int, int], str] = {}
        self._placements: dict[int, int] = {}
        self._tapes: dict[int, _Tape] = {}
        self._sessions: dict[str, _Tape] = {}
        self._closed: deque[tuple[str, int]] = deque()
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None
        self._jobs: set[asyncio.Future[Mark]] = set()
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Close what a killed host left open, and sweep from now on."""
        await asyncio.to_thread(recover, self._folder, self._clock())
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep())

    async def stop(self) -> None:
        """Write all that waits and close every file."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        await asyncio.sleep(0)  # what ended just now is closed in this turn
        for tape in list(self._tapes.values()):
            self._close(tape, "the host stopped")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await asyncio.to_thread(self._thread.shutdown)

    def session(self, placement: int, instance: int, generation: int = 1) -> str:
        """The name of a generation of an instance, as claims carry it; the same whenever it is asked for."""
        key = (instance, generation)
        if key not in self._names:
            token = "".join(secrets.choice(ALPHABET) for _ in range(10))
            self._names[key] = f"{placement}-{token}"
            self._placements[instance] = placement
        return self._names[key]

    async def keep(self, session: str) -> Mark:
        """Wait until all that this run has done up to now is on the disk. Never raises: the mark says what is not."""
        tape = self._sessions.get(session)
        if tape is None:
            return Mark(0, "", "the run was not recorded")
        if tape.lost:
            return Mark(*tape.file.told(), tape.file.problem or "the run had ended")
        if (tape.synced is None or tape.rows) and not tape.closed:
            self._submit(tape, sync=True)
        assert tape.synced is not None
        return await asyncio.shield(tape.synced)

    # the supervisor's recorder

    def began(self, spec: InstanceSpec, generation: int, step: Step) -> None:
        """A state was loaded."""
        known = self._tapes.get(spec.instance)
        if known is not None:
            self._close(known, "it began again")
        placement = self._placements.get(spec.instance, 0)
        session = self.session(placement, spec.instance, generation)
        path = recording_path(self._folder, session)
        tape = _Tape(session, spec.instance, generation, _File(path, self._keep.session_bytes))
        self._tapes[spec.instance] = self._sessions[session] = tape
        self._run(tape, 0, lambda: self._open(tape.file, spec, generation, session, placement))
        self._step(tape, step)

    def stepped(self, step: Step) -> None:
        """A batch was answered."""
        tape = self._tapes.get(step.instance)
        if tape is not None and tape.generation == step.generation:
            self._step(tape, step)

    def faulted(self, fault: Fault) -> None:
        """What the host was told of a fault; also just after the state ended by it."""
        tape = self._tapes.get(fault.instance)
        if tape is not None:
            tape.faults += 1
            place = f"{fault.file}:{fault.line}" if fault.file else ""
            self._add(tape, encode_row(Faulted(fault.code, fault.message[:500], place[:200])))

    def ended(self, instance: int, generation: int, why: str) -> None:
        """The state is gone. Its recording is closed in the loop's next turn, so that the fault is still in it."""
        session = self._names.pop((instance, generation), "")
        self._closed.append((session, instance))
        tape = self._tapes.get(instance)
        if tape is not None and tape.generation == generation:
            asyncio.get_running_loop().call_soon(self._close, tape, why or "it ended")
        while len(self._closed) > REMEMBERED:
            session, instance = self._closed.popleft()
            self._sessions.pop(session, None)
            if instance not in self._tapes:
                self._placements.pop(instance, None)

    def _close(self, tape: _Tape, why: str) -> None:
        if not tape.closed:
            tape.closed = True
            self._submit(tape, sync=True, why=why)
            if self._tapes.get(tape.instance) is tape:
                del self._tapes[tape.instance]

    # the loop's side

    def _step(self, tape: _Tape, step: Step) -> None:
        tape.steps += 1
        self._add(tape, encode_row(row_of(step)))

    def _add(self, tape: _Tape, row: bytes) -> None:
        if tape.file.problem or tape.closed:
            tape.lost = True
            return
        if self._waiting + tape.size > WAITING_BYTES:
            tape.file.problem = "the disk was too slow, so the recording was closed"
            log.error("recording %s: %s", tape.session, tape.file.problem)
            tape.rows, tape.size, tape.lost = [], 0, True
            return
        tape.rows.append(row)
        tape.size += len(row)
        if tape.size >= FLUSH_BYTES:
            self._submit(tape, sync=False)
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def _flush(self) -> None:
        self._timer = None
        for tape in self._tapes.values():
            if tape.rows:
                self._submit(tape, sync=False)

    def _submit(self, tape: _Tape, *, sync: bool, why: str = "") -> None:
        rows, size, tape.rows, tape.size = tape.rows, tape.size, [], 0
        ended = Ended((why or FULL)[:200], self._clock(), tape.steps, tape.faults, full=not why)
        done = self._run(tape, size, lambda: _write(tape.file, rows, ended, sync=sync, last=bool(why)))
        tape.synced = done if sync else None

    def _run(self, tape: _Tape, size: int, job: Callable[[], None]) -> asyncio.Future[Mark]:
        """Run a job on the file in the writing thread, after those before it; it tells how far the file is then."""
        file = tape.file

        def work() -> Mark:
            problem = file.problem
            if not problem:
                try:
                    job()
                except OSError as error:
                    problem = file.problem = f"the disk refused it ({error.strerror or error})"
                    log.error("recording %s ends here: %s", tape.session, problem)
            if file.problem and file.descriptor >= 0:
                os.close(file.descriptor)
                file.descriptor = -1
            return Mark(*file.told(), problem)

        self._waiting += size
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._jobs.add(future)
        future.add_done_callback(lambda done: self._done(done, size))
        return future

    def _done(self, future: asyncio.Future[Mark], size: int) -> None:
        self._jobs.discard(future)
        self._waiting -= size
        if not future.cancelled() and (error := future.exception()) is not None:
            log.error("a recording could not be written", exc_info=error)

    async def _sweep(self) -> None:
        while True:
            open_now = frozenset(tape.session for tape in self._tapes.values())
            try:
                await asyncio.to_thread(
                    sweep, self._folder, self._keep, self._claimed, open_now, self._clock()
                )
            except (OSError, MallError) as error:
                log.error("old recordings could not be removed: %s", error)
            await asyncio.sleep(SWEEP_S)

    # in the writing thread

    def _open(self, file: _File, spec: InstanceSpec, generation: int, session: str, placement: int) -> None:
        code, packed = Code.of(spec).pack()
        file.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _store_code(code_path(self._folder, code), packed)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        file.descriptor = os.open(file.path, flags, 0o600)
        _append(file, file.writer.begin(header_of(spec, code, generation, session, placement)))
        file.mark = (file.writer.at, file.writer.check)
        sync_folder(file.path.parent)


def _write(file: _File, rows: list[bytes], ended: Ended, *, sync: bool, last: bool) -> None:
    """Append a block; close the file where it is the last one or reaches its bound."""
    if rows:
        file.unpacked += sum(map(len, rows))
        _append(file, file.writer.rows(rows))
        file.mark = (file.writer.at, file.writer.check)
    if not last and (file.writer.at > file.limit or file.unpacked + MAX_BLOCK > MAX_UNPACKED):
        file.problem = FULL
        last = True
    if last:
        _append(file, file.writer.end(ended))
    if sync:
        os.fdatasync(file.descriptor)
    if last:
        os.close(file.descriptor)
        file.descriptor = -1


def _append(file: _File, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file.descriptor, rest) :]


def _store_code(path: Path, packed: bytes) -> None:
    """Keep the code once; its time of change says when it was last used."""
    try:
        os.utime(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, packed, path.with_suffix(".new"))
