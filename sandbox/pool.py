"""The worker processes of a supervisor: the usual ones, one for probation, and a spare to replace any of them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping

from sandbox.errors import SandboxError
from sandbox.limits import ProcessLimits
from sandbox.process import WorkerProcess
from sandbox.wire import FromWorker

BLIND_DEATHS = 3
BLIND_WINDOW_S = 60.0
"""So many deaths of a worker without a known culprit in this time, and its instances are given up."""
PAUSE_S, PAUSE_MAX_S = 0.25, 30.0
"""Seconds before a new spare, and before one more try of a worker that did not start; doubled each time."""


class Pool:
    """Starts, replaces and ends workers. `on_message` gets their frames, `on_death` those that held instances.

    Instances on probation, which are new or were killed once, share a worker of their own, so that a second kill costs
    none of the proven ones a restart.
    """

    def __init__(
        self,
        usual: int,
        limits: ProcessLimits,
        on_message: Callable[[WorkerProcess, FromWorker], None],
        on_death: Callable[[WorkerProcess, int, str, str], None],
    ) -> None:
        self._count = usual
        self._limits = limits
        self._on_message = on_message
        self._on_death = on_death
        self.workers: list[WorkerProcess] = []
        """The usual ones, then the one for probation."""
        self._spare: WorkerProcess | None = None
        self._ready: dict[WorkerProcess, asyncio.Future[None]] = {}
        self._reaping: set[asyncio.Task[int]] = set()
        self._blind_deaths: deque[float] = deque()
        self._started = False
        self._pause_s = PAUSE_S

    async def start(self) -> None:
        """Starts all and waits until each is jailed. Raises SandboxError `sandbox.worker_died`."""
        self.workers = [self._spawn() for _ in range(self._count + 1)]
        self._spare = self._spawn()
        await asyncio.gather(*self._ready.values())
        self._started = True

    async def stop(self) -> None:
        """Kills all and waits for their ends."""
        self._started = False
        for worker in (*self.workers, self._spare):
            if worker is not None:
                worker.close()
                self._reap(worker)
        self.workers, self._spare = [], None
        for ready in self._ready.values():
            ready.cancel()
        self._ready.clear()
        await asyncio.gather(*self._reaping)

    def least_loaded(self, *, probation: bool) -> WorkerProcess:
        """The worker for one more instance. Raises SandboxError `sandbox.stopped`."""
        if not self.workers:
            raise SandboxError("sandbox.stopped", "the supervisor does not run")
        return self.workers[-1] if probation else min(self.workers[:-1], key=lambda one: len(one.instances))

    def jail_report(self) -> Mapping[str, str]:
        """What each step of the jail said, over all workers the worst."""
        report: dict[str, str] = {}
        for worker in self.workers:
            for step, verdict in worker.jail.items():
                if step not in report or not verdict.startswith("ok"):
                    report[step] = verdict
        return report

    def replace(self, worker: WorkerProcess) -> WorkerProcess:
        """Puts the spare, or a new process, in the place of a dead worker."""
        replacement = self._spare if self._spare is not None and not self._spare.dead else self._spawn()
        self._spare = None
        self._later(self._fill_spare)
        self.workers[self.workers.index(worker)] = replacement
        return replacement

    def _later(self, do: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(self._pause_s, do)

    def _fill_spare(self) -> None:
        if self._started and self._spare is None:
            self._spare = self._spawn()

    def too_many_blind_deaths(self) -> bool:
        """Counts a death without a culprit; whether there were too many lately."""
        now = time.monotonic()
        self._blind_deaths.append(now)
        while now - self._blind_deaths[0] > BLIND_WINDOW_S:
            self._blind_deaths.popleft()
        return len(self._blind_deaths) >= BLIND_DEATHS

    def is_ready(self, worker: WorkerProcess) -> None:
        """A worker said that it is jailed."""
        self._pause_s = PAUSE_S
        ready = self._ready.pop(worker, None)
        if ready is not None and not ready.done():
            ready.set_result(None)

    def _spawn(self) -> WorkerProcess:
        worker = WorkerProcess(self._limits, self._on_message, self._died)
        self._ready[worker] = asyncio.get_running_loop().create_future()
        return worker

    def _died(self, worker: WorkerProcess, culprit: int, code: str, reason: str) -> None:
        self._reap(worker)
        ready = self._ready.pop(worker, None)
        if ready is not None:
            # nobody waits for one that was spawned later, so its failure must not be left unread
            if not ready.done():
                ready.set_exception(SandboxError("sandbox.worker_died", f"a worker did not start: {reason}"))
                ready.exception()
            code, culprit = "sandbox.worker_died", 0
            self._pause_s = min(2 * self._pause_s, PAUSE_MAX_S)
        if worker is self._spare:
            self._spare = None
            self._later(self._fill_spare)
        elif ready is None:
            self._told(worker, culprit, code, reason)
        else:
            # what cannot start now would die again at once
            self._later(lambda: self._told(worker, culprit, code, reason))

    def _told(self, worker: WorkerProcess, culprit: int, code: str, reason: str) -> None:
        if self._started and worker in self.workers:
            self._on_death(worker, culprit, code, reason)

    def _reap(self, worker: WorkerProcess) -> None:
        task = asyncio.get_running_loop().create_task(worker.reap())
        self._reaping.add(task)
        task.add_done_callback(self._reaping.discard)
