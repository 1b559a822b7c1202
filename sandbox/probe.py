"""Puts hostile files through what a live placement goes through, beside a neighbour that must not notice.

Each file is the entry of a package in a fresh state of a jailed worker, behind a `Supervisor` with the default
limits and every capability that games may have. Players enter, move and act, the clock runs for 30 ticks, then the
state is unloaded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

from sandbox.answers import with_place
from sandbox.commands import NEEDS, Log
from sandbox.errors import SandboxError
from sandbox.events import (
    AreaCrossed,
    Bus,
    Chat,
    ClaimChanged,
    Emoted,
    Enter,
    Event,
    Input,
    Interact,
    Leave,
    Ui,
)
from sandbox.limits import DEFAULT_LIMITS, Limits
from sandbox.process import WorkerProcess, cpu_seconds
from sandbox.supervisor import Supervisor
from sandbox.wire import Fault, FromWorker, InstanceSpec, Outbox

Outcome: TypeAlias = Literal["ok", "error", "budget", "memory", "killed"]
OUTCOMES: tuple[Outcome, ...] = ("ok", "error", "budget", "memory", "killed")
SPENT: dict[str, Outcome] = {
    "sandbox.budget_exceeded": "budget",
    "sandbox.throttled": "budget",
    "sandbox.memory_exceeded": "memory",
}
TICKS = 30
TICK_S = 0.1
PLAYERS = 3
LANES = 2
"""Workers that share the files of one probe."""
CAPABILITIES = frozenset(NEEDS.values()) | {"avatar.effect", "chat.listen", "store"}
"""Everything the API asks for anywhere."""
FOOTPRINT = (15.0, 20.0, 15.0)
START = 1_000_000.0
"""The clock begins here, UTC seconds: small enough that tenths of a second add up exactly to the nanosecond."""
NEIGHBOUR = 1
NEIGHBOUR_SOURCE = b"""
local ticks, sum = mall.store.get "ticks" or 0, mall.store.get "sum" or 1
mall.on("tick", function()
  ticks = ticks + 1
  sum = (sum * 48271 + ticks * mall.players.count()) % 2147483647
  mall.store.set("ticks", ticks)
  mall.store.set("sum", sum)
  mall.log(ticks, mall.players.count(), sum)
end)
"""
WRAP = (b'mall.on("tick", function(...) ', b"\nend)\n")
"""Makes a file the body of a tick handler; its lines keep their numbers."""
ACTS: dict[int, tuple[Event, ...]] = {
    2: (Input(1, "use"), Input(2, "jump")),
    3: (Interact(1, 1, "use"),),
    4: (AreaCrossed(1, 1, True),),
    5: (Chat(1, "hello"),),
    6: (Emoted(2, "wave"),),
    7: (Ui(1, "main", "x"),),
    8: (Leave(3), ClaimChanged(1, "paid", "1")),
    9: (Enter(3, "Player 3"), Bus("probe/neighbour:news", {"x": 1})),
}
"""What players do in the tick of this number, so that handlers of every kind run."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """What became of one file. `worst_ms` is the longest load or batch in ms of the worker's CPU (wall when killed)."""

    name: str
    outcome: Outcome
    message: str
    worst_ms: float
    neighbour_intact: bool
    worker_alive: bool
    outbox_valid: bool
    logs: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, str | float | bool]:
        """The fields of a report; the logs are for tests."""
        return {
            "name": self.name,
            "outcome": self.outcome,
            "message": self.message,
            "worst_ms": round(self.worst_ms, 3),
            "neighbour_intact": self.neighbour_intact,
            "worker_alive": self.worker_alive,
            "outbox_valid": self.outbox_valid,
        }


def probe(
    files: Sequence[tuple[str, bytes]],
    *,
    in_event: bool = False,
    lanes: int = LANES,
    on_row: Callable[[ProbeRow], None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> list[ProbeRow]:
    """Probes (name, source) pairs; rows come in the order of `files`, to `on_row` as soon as they are known.

    With `in_event` a file's body runs in a tick handler, at each tick. `limits` are those of the file. Raises
    SandboxError `sandbox.worker_died` when no worker can be started.
    """
    return asyncio.run(_probe(files, in_event, lanes, on_row or (lambda _: None), limits))


async def _probe(
    files: Sequence[tuple[str, bytes]],
    in_event: bool,
    lanes: int,
    on_row: Callable[[ProbeRow], None],
    limits: Limits,
) -> list[ProbeRow]:
    waiting = iter(enumerate(files))
    rows: dict[int, ProbeRow] = {}
    told = 0

    async def work() -> None:
        nonlocal told
        lane = _Lane(limits)
        try:
            await lane.open()
            for place, (name, source) in waiting:
                rows[place] = await lane.run(name, WRAP[0] + source + WRAP[1] if in_event else source)
                while told in rows:
                    on_row(rows[told])
                    told += 1
        finally:
            await lane.close()

    await asyncio.gather(*(work() for _ in range(min(lanes, len(files)))))
    return [rows[place] for place in range(len(files))]


def _spec(
    instance: int, package: str, source: bytes, now: float, limits: Limits = DEFAULT_LIMITS
) -> InstanceSpec:
    return InstanceSpec(
        instance=instance,
        package=package,
        version="1.0.0",
        digest="",
        sources={"init.lua": source},
        entry="init.lua",
        settings={},
        capabilities=CAPABILITIES,
        seed=instance,
        now=now,
        footprint=FOOTPRINT,
        facts={
            "id": 1,
            "address": "probe street 1",
            "holder_name": "Probe",
            "cells": 1,
            "height": FOOTPRINT[1],
        },
        limits=limits,
    )


@dataclass(slots=True)
class _Count:
    """What the neighbour must say next; `None` after its worker was killed, when it begins again from its store."""

    ticks: int | None = 0
    sum: int = 1
    told: int = 0
    true: bool = True

    def check(self, line: str) -> None:
        parts = line.split("\t")
        ticks, players, checksum = (int(part) for part in parts) if len(parts) == 3 else (-1, -1, -1)
        if self.ticks is not None:
            expected = (self.sum * 48271 + (self.ticks + 1) * PLAYERS) % 2147483647
            self.true = self.true and (ticks, checksum) == (self.ticks + 1, expected)
        self.true = self.true and players == PLAYERS
        self.ticks, self.sum = ticks, checksum
        self.told += 1


@dataclass(slots=True)
class _Seen:
    """What came from the file that is being probed."""

    number: int
    faults: list[tuple[str, str]] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    worst_ms: float = 0.0

    def outcome(self, alive: bool) -> tuple[Outcome, str]:
        """The outcome, and the first fault that makes it."""
        if not alive:
            return "killed", self._first(lambda code: code not in SPENT) or self._first(lambda _: True)
        for code, kind in SPENT.items():
            if said := self._first(code.__eq__):
                return kind, said
        said = self._first(lambda _: True)
        return ("error", said) if said else ("ok", "")

    def _first(self, fits: Callable[[str], bool]) -> str:
        return next((f"{code}: {text}" for code, text in self.faults if fits(code)), "")


class _Watched(Supervisor):
    """Sets `told` after each answer of a worker and each death, when what they say was booked."""

    def __init__(self, told: asyncio.Event, **given: Any) -> None:
        self._told = told
        super().__init__(**given)

    def _message(self, worker: WorkerProcess, message: FromWorker) -> None:
        super()._message(worker, message)
        self._told.set()

    def _died(self, worker: WorkerProcess, culprit: int, code: str, reason: str) -> None:
        super()._died(worker, culprit, code, reason)
        self._told.set()


class _Lane:
    """One supervisor with one worker, its neighbour, and the files it takes one after the other."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._woken = asyncio.Event()
        self._supervisor = _Watched(self._woken, workers=1, on_outbox=self._outbox, on_fault=self._fault)
        self._now = START
        self._count = _Count()
        self._seen = _Seen(NEIGHBOUR)
        self._killed_at = 0.0

    async def open(self) -> None:
        """Starts the worker and the neighbour."""
        await self._supervisor.start()
        await self._supervisor.load(_spec(NEIGHBOUR, "probe/neighbour", NEIGHBOUR_SOURCE, self._now))
        self._enter(NEIGHBOUR)
        await self._flush()

    async def close(self) -> None:
        """Ends the worker."""
        await self._supervisor.stop()

    async def run(self, name: str, source: bytes) -> ProbeRow:
        """Probes one file; afterwards the lane is ready for the next."""
        number = self._seen.number + 1
        seen = self._seen = _Seen(number)
        self._count.told = 0
        pid = self._pid()
        try:
            spec = _spec(number, "probe/file", source, self._now, self._limits)
            loaded = await self._measured(self._supervisor.load(spec))
            self._outbox(loaded.outbox)
        except SandboxError as problem:
            seen.faults.append((problem.code, problem.message))
        self._enter(number)
        await self._measured(self._flush())
        for tick in range(1, TICKS + 1):
            self._act(number, tick)
            await self._measured(self._flush())
        if number in self._supervisor.instances():
            await self._measured(self._supervisor.unload(number))
        await self._settled()
        alive = self._pid() == pid
        intact = self._count.true and (not alive or self._count.told == TICKS + 1)
        if self._count.told == 0 or not intact:
            intact = False
            await self._replace_neighbour()
        outcome, message = seen.outcome(alive)
        valid = not any(code in ("sandbox.bad_outbox", "sandbox.bad_frame") for code, _ in seen.faults)
        return ProbeRow(name, outcome, message, seen.worst_ms, intact, alive, valid, tuple(seen.logs))

    async def _replace_neighbour(self) -> None:
        """A hurt neighbour must not be held against the next file."""
        if NEIGHBOUR in self._supervisor.instances():
            await self._supervisor.unload(NEIGHBOUR)
        await self._supervisor.load(_spec(NEIGHBOUR, "probe/neighbour", NEIGHBOUR_SOURCE, self._now))
        self._enter(NEIGHBOUR)
        self._count = _Count()
        await self._flush()

    def _enter(self, number: int) -> None:
        for player in range(1, PLAYERS + 1):
            self._supervisor.post(number, Enter(player, f"Player {player}", at=(float(player), 0.0, 1.0)))

    def _act(self, number: int, tick: int) -> None:
        self._supervisor.move(
            number, {player: (player + tick / 10, 0.0, 1.0) for player in range(1, PLAYERS + 1)}
        )
        for event in ACTS.get(tick, ()):
            self._supervisor.post(number, event)

    async def _flush(self) -> None:
        self._now += TICK_S
        self._supervisor.flush(self._now)
        await self._settled()

    async def _settled(self) -> None:
        """Waits until the worker has answered all, or a new one is up with the neighbour in it."""
        while any(worker.awaited > 0 and not worker.dead for worker in self._supervisor._pool.workers):
            self._woken.clear()
            await self._woken.wait()

    def _pid(self) -> int:
        return self._supervisor.worker_pids()[0]

    async def _measured(self, call: Coroutine[Any, Any, _T]) -> _T:
        """Awaits one call of the file's state and books what it cost."""
        pid, cpu, wall = self._pid(), cpu_seconds(self._pid()), time.monotonic()
        try:
            return await call
        finally:
            if self._pid() != pid:  # the rest of the time went into a new worker
                spent = self._killed_at - wall
            else:
                now = cpu_seconds(pid)
                spent = time.monotonic() - wall if cpu is None or now is None else now - cpu
            self._seen.worst_ms = max(self._seen.worst_ms, spent * 1000)

    def _outbox(self, outbox: Outbox) -> None:
        lines = [command.text for command in outbox.commands if isinstance(command, Log)]
        if outbox.instance == self._seen.number:
            self._seen.logs += lines
        elif outbox.instance == NEIGHBOUR:
            for line in lines:
                self._count.check(line)

    def _fault(self, fault: Fault) -> None:
        if fault.instance == self._seen.number:
            self._seen.faults.append((fault.code, with_place(fault)))
        elif fault.instance == NEIGHBOUR and fault.code == "sandbox.restarted":
            self._count.ticks = None
            self._killed_at = time.monotonic()
        elif fault.instance == NEIGHBOUR:
            self._count.true = False
