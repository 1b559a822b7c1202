"""A real supervisor with one jailed worker, flushed as quickly as the worker answers."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.sandbox_parts.games import DT, NOW, Positions, enters, spec_of
from benchmarks.sandbox_parts.measure import NotMeasuredError, cores, cpu_of, pin
from sandbox.process import WorkerProcess
from sandbox.supervisor import Supervisor
from sandbox.wire import Fault, FromWorker, Outbox

GAMES = 200
ANSWER_S = 10.0


class WatchedSupervisor(Supervisor):
    """Tells when the worker has answered all it was sent, so that the next can go at once without polling."""

    answered: asyncio.Event

    def _message(self, worker: WorkerProcess, message: FromWorker) -> None:
        super()._message(worker, message)
        if not worker.awaited:
            self.answered.set()


@dataclass(frozen=True, slots=True)
class Cost:
    """Of some flushes: delivered ticks, and seconds of wall, of the worker's CPU and of the host's CPU for them."""

    ticks: int
    wall_s: float
    worker_s: float
    host_s: float


class House:
    """The supervisor, its clock, and what it told."""

    def __init__(self) -> None:
        self.labels = 0
        self.faults: list[Fault] = []
        self.now = NOW
        self.supervisor = WatchedSupervisor(workers=1, on_outbox=self._outbox, on_fault=self.faults.append)
        self.supervisor.answered = asyncio.Event()
        self._step = 0

    def _outbox(self, outbox: Outbox) -> None:
        self.labels += len(outbox.commands)

    async def flush(self) -> None:
        """One batch to all games, and its answers. Raises NotMeasuredError when they do not come."""
        self.supervisor.answered.clear()
        self.now += DT
        self.supervisor.flush(self.now)
        try:
            await asyncio.wait_for(self.supervisor.answered.wait(), ANSWER_S)
        except TimeoutError as problem:
            raise NotMeasuredError(f"no answer in {ANSWER_S:g} s; faults: {self.faults[:3]}") from problem

    async def measure(self, flushes: int, path: Sequence[Positions] = ()) -> Cost:
        """Flushes on, with all players moved before each where a path is given.

        Raises NotMeasuredError when not every game ran one tick a flush, so that no figure stands for work not done.
        """
        pid = self.supervisor.worker_pids()[0]
        games = self.supervisor.instances()
        labels = self.labels
        gc.collect()
        wall, worker, host = time.perf_counter(), cpu_of(pid), time.process_time()
        for _ in range(flushes):
            if path:
                self._step = (self._step + 1) % len(path)
                for game in games:
                    self.supervisor.move(game, path[self._step])
            await self.flush()
        cost = Cost(
            flushes * len(games),
            time.perf_counter() - wall,
            cpu_of(pid) - worker,
            time.process_time() - host,
        )
        told = self.labels - labels
        if self.faults or told * 10 != cost.ticks:
            raise NotMeasuredError(
                f"{cost.ticks} ticks asked for, {told * 10} ran; faults: {self.faults[:1]}"
            )
        return cost


@asynccontextmanager
async def crowd(source: str, games: int, *, players: bool) -> AsyncIterator[House]:
    """A house full of one game, warmed up. Its ticks tell one label each ten."""
    house = House()
    pin(0, cores()[0])
    await house.supervisor.start()
    try:
        pin(house.supervisor.worker_pids()[0], cores()[1])
        for number in range(1, games + 1):
            await house.supervisor.load(spec_of(source, number))
            for enter in enters() if players else ():
                house.supervisor.post(number, enter)
        for _ in range(11):  # the first batch starts the games, each later one runs a tick
            await house.flush()
        yield house
    finally:
        await house.supervisor.stop()
