"""The supervisor: instances spread over jailed workers, batches in, checked outboxes out, faults punished.

It lives in the host's event loop and never blocks it. One batch goes to each worker with every `flush`; a worker
that is still busy gets its events with the next one. A worker that hangs or breaks is killed, the culprit is dropped
and named, the other instances get a new state from their last snapshot.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections import deque
from collections.abc import Callable, Mapping

from sandbox.errors import SandboxError
from sandbox.events import (
    Bus,
    Chat,
    Emoted,
    Enter,
    Event,
    Input,
    Interact,
    Leave,
    Moved,
    Start,
    Stop,
    Ui,
)
from sandbox.instance import Instance, encode_event, fault_of, with_place
from sandbox.limits import DEFAULT_LIMITS, Limits
from sandbox.process import WorkerProcess
from sandbox.runtime import encode_configuration
from sandbox.wire import (
    Batch,
    Done,
    Fault,
    FaultInfo,
    FromWorker,
    InstanceSpec,
    Load,
    Loaded,
    Out,
    Outbox,
    Ready,
    Unload,
    Unloaded,
    Usage,
    decode_commands,
    decode_faults,
)

QUEUE_MAX = 512
"""Events that may wait for one instance before what players do is dropped; facts are never dropped."""
DROPPABLE = (Input, Interact, Emoted, Chat, Ui, Bus)
BLIND_DEATHS = 3
BLIND_WINDOW_S = 60.0
"""So many deaths of a worker without a known culprit in this time, and its instances are given up."""


class Supervisor:
    """Runs instances in `workers` jailed processes. `on_outbox` and `on_fault` are called in the loop."""

    def __init__(
        self,
        *,
        workers: int = 1,
        limits: Limits = DEFAULT_LIMITS,
        on_outbox: Callable[[Outbox], None],
        on_fault: Callable[[Fault], None],
    ) -> None:
        self._count = workers
        self._limits = limits
        self._on_outbox = on_outbox
        self._on_fault = on_fault
        self._instances: dict[int, Instance] = {}
        self._workers: list[WorkerProcess] = []
        self._ready: dict[WorkerProcess, asyncio.Future[None]] = {}
        self._reaping: set[asyncio.Task[int]] = set()
        self._blind_deaths: deque[float] = deque()
        self._now = 0.0

    async def start(self) -> None:
        """Starts the workers and waits until each is jailed. Raises SandboxError `sandbox.worker_died`."""
        self._workers = [self._spawn() for _ in range(self._count)]
        await asyncio.gather(*self._ready.values())

    async def stop(self) -> None:
        """Kills the workers; states that were not unloaded are lost but for their last snapshots."""
        for worker in self._workers:
            worker.close()
            self._reap(worker)
        self._workers = []
        for instance in list(self._instances.values()):
            self._forget(instance, SandboxError("sandbox.stopped", "the supervisor stopped"))
        await asyncio.gather(*self._reaping)

    def jail_report(self) -> Mapping[str, str]:
        """What each step of the jail said, "ok..." or "refused: ...", over all workers the worst."""
        report: dict[str, str] = {}
        for worker in self._workers:
            for step, verdict in worker.jail.items():
                if step not in report or verdict.startswith("refused"):
                    report[step] = verdict
        return report

    def worker_pids(self) -> tuple[int, ...]:
        """Process numbers of the workers."""
        return tuple(worker.pid for worker in self._workers)

    def instances(self) -> frozenset[int]:
        """Numbers of the instances that run or are being loaded."""
        return frozenset(self._instances)

    async def load(self, spec: InstanceSpec) -> Loaded:
        """Makes a state, runs the package's entry and queues its `start` event.

        Raises SandboxError with the script's own code, file and line when the entry fails; `sandbox.already_loaded`;
        `sandbox.source_too_large`; `sandbox.hung` or `sandbox.worker_died` when it took the worker down.
        """
        if spec.instance in self._instances:
            raise SandboxError(
                "sandbox.already_loaded", f"instance {spec.instance} runs already", instance=spec.instance
            )
        if not 0 < spec.instance < 1 << 53:
            raise SandboxError(
                "sandbox.bad_instance", f"instance numbers are from 1 to 2^53, got {spec.instance}"
            )
        size = sum(map(len, spec.sources.values()))
        if size > self._limits.source_bytes:
            raise SandboxError(
                "sandbox.source_too_large",
                f"{size} bytes of Lua, at most {self._limits.source_bytes}",
                limit=self._limits.source_bytes,
                used=size,
            )
        worker = min(self._workers, key=lambda one: len(one.instances))
        instance = Instance(spec, encode_configuration(spec, self._limits), worker, spec.store)
        self._instances[spec.instance] = instance
        instance.loading = asyncio.get_running_loop().create_future()
        self._now = max(self._now, spec.now)
        self._send_load(instance, spec.now)
        return await instance.loading

    def post(self, number: int, event: Event) -> None:
        """Queues one event for the next flush. One for an instance that is gone is ignored, as it crossed a fault.

        Raises SandboxError `sandbox.event_too_large`.
        """
        instance = self._instances.get(number)
        if instance is None:
            return
        if isinstance(event, Enter):
            instance.players[event.player] = event
        elif isinstance(event, Leave):
            instance.players.pop(event.player, None)
            instance.moved.pop(event.player, None)
        elif isinstance(event, Moved):
            raise SandboxError("sandbox.bad_argument", "positions are given with move()")
        elif isinstance(event, DROPPABLE) and len(instance.queue) >= QUEUE_MAX:
            self._drop(instance)
            return
        encoded = encode_event(event)
        if len(encoded) > self._limits.inbox_bytes // 2:
            raise SandboxError(
                "sandbox.event_too_large",
                f"an event of {len(encoded)} bytes, at most {self._limits.inbox_bytes // 2}",
            )
        instance.queue.append(encoded)

    def move(self, number: int, positions: Mapping[int, tuple[float, float, float]]) -> None:
        """Tells where players are now, in metres of the placement; only the last position of each counts."""
        instance = self._instances.get(number)
        if instance is not None:
            instance.moved.update(positions)

    def flush(self, now: float) -> None:
        """Sends one batch to each worker that is free: queued events, positions, and who wants to be woken at `now`."""
        self._now = max(self._now, now)
        for worker in self._workers:
            if worker.batch_out or worker.dead:
                continue
            items = []
            for number in worker.instances:
                instance = self._instances[number]
                if instance.running and (instance.queue or instance.moved or instance.wake <= now):
                    items.append((number, instance.take_events(self._limits.inbox_bytes)))
            if items:
                worker.serial += 1
                worker.batch_out = True
                worker.send(Batch(worker.serial, now, items))

    async def unload(self, number: int, reason: str = "unloaded") -> bytes:
        """Tells the state to stop, waits for its last outbox, drops it. Returns the store's snapshot.

        When the worker dies meanwhile the last known snapshot is returned. Raises SandboxError `sandbox.not_loaded`.
        """
        instance = self._instances.get(number)
        if instance is None or instance.unloading is not None:
            raise SandboxError("sandbox.not_loaded", f"there is no instance {number}", instance=number)
        instance.unloading = asyncio.get_running_loop().create_future()
        if instance.running:
            instance.queue.append(encode_event(Stop(reason)))
            while instance.queue:
                instance.worker.send(
                    Batch(0, self._now, [(number, instance.take_events(self._limits.inbox_bytes))])
                )
        instance.worker.send(Unload(number))
        return await instance.unloading

    def _spawn(self) -> WorkerProcess:
        worker = WorkerProcess(self._limits, self._message, self._died)
        self._ready[worker] = asyncio.get_running_loop().create_future()
        return worker

    def _send_load(self, instance: Instance, now: float) -> None:
        instance.asked_at = time.monotonic()
        instance.running = False
        spec = instance.spec
        instance.worker.instances.add(spec.instance)
        instance.worker.send(
            Load(spec.instance, instance.configuration, dict(spec.sources), spec.entry, instance.store, now)
        )

    def _drop(self, instance: Instance) -> None:
        instance.dropped += 1
        if instance.dropped == 1:
            text = f"more than {QUEUE_MAX} events wait; inputs are dropped until it catches up"
            self._on_fault(
                Fault(instance.spec.instance, "sandbox.events_dropped", text, limit=QUEUE_MAX, used=QUEUE_MAX)
            )

    def _message(self, worker: WorkerProcess, message: FromWorker) -> None:
        if isinstance(message, Out):
            self._out(worker, message)
        elif isinstance(message, Done):
            worker.answered()
            if message.serial:
                worker.batch_out = False
        elif isinstance(message, Unloaded):
            worker.answered()
            self._unloaded(message)
        elif isinstance(message, Ready):
            worker.answered()
            worker.jail = message.jail
            ready = self._ready.get(worker)
            if ready is not None and not ready.done():
                ready.set_result(None)

    def _unloaded(self, message: Unloaded) -> None:
        instance = self._instances.get(message.instance)
        # a state that died just before was forgotten already, and its number may be in use again
        if instance is not None and instance.unloading is not None:
            self._keep_store(instance, message.store)
            self._forget(instance, None)

    def _keep_store(self, instance: Instance, store: bytes | None) -> None:
        if store is not None and len(store) <= 2 * self._limits.store_bytes:
            instance.store = store

    def _own(self, worker: WorkerProcess, number: int) -> Instance:
        instance = self._instances.get(number)
        if instance is None or instance.worker is not worker:
            raise SandboxError(
                "sandbox.bad_frame", f"a worker spoke for instance {number}, which it does not hold"
            )
        return instance

    def _out(self, worker: WorkerProcess, out: Out) -> None:
        number = out.instance
        is_load = out.serial == 0 and number in self._instances and not self._instances[number].running
        if is_load:
            worker.answered()
        instance = self._own(worker, number)
        spec = instance.spec
        try:
            commands = decode_commands(
                out.commands,
                limit=self._limits.outbox_bytes,
                footprint=spec.footprint,
                capabilities=spec.capabilities,
            )
            faults = decode_faults(out.faults)
        except SandboxError as problem:
            # the state checks all this itself, so whoever sends it has broken out
            raise SandboxError(problem.code, problem.message, instance=number) from problem
        self._keep_store(instance, out.store)
        instance.wake = out.wake
        outbox = Outbox(
            instance=number,
            commands=commands,
            used=Usage(out.instructions, out.cpu_s, out.memory_bytes),
            error=faults[0] if faults else None,
            store=out.store,
            generation=instance.generation,
            fresh=is_load,
            digest=hashlib.sha256(out.commands).hexdigest() if out.commands else "",
        )
        if is_load:
            self._loaded(instance, outbox, faults)
            return
        if commands or faults or out.store is not None:
            self._on_outbox(outbox)
        for fault in faults:
            self._on_fault(fault_of(number, fault, gone=not out.alive))
        if not out.alive:
            self._forget(instance, None)

    def _loaded(self, instance: Instance, outbox: Outbox, faults: tuple[FaultInfo, ...]) -> None:
        number = instance.spec.instance
        if faults:
            fault = faults[0]
            problem = SandboxError(
                fault.code,
                with_place(fault),
                file=fault.file,
                line=fault.line,
                limit=fault.limit,
                used=fault.used,
            )
            if instance.loading is not None and not instance.loading.done():
                instance.loading.set_exception(problem)
            else:
                self._on_fault(fault_of(number, fault, gone=True))
            self._forget(instance, problem)
            return
        instance.running = True
        instance.queue.appendleft(encode_event(Start()))
        loading, instance.loading = instance.loading, None
        if loading is not None and not loading.done():
            seconds = time.monotonic() - instance.asked_at
            loading.set_result(Loaded(number, outbox, seconds, outbox.used.memory_bytes))
        else:
            self._on_outbox(outbox)

    def _forget(self, instance: Instance, problem: SandboxError | None) -> None:
        number = instance.spec.instance
        self._instances.pop(number, None)
        instance.worker.instances.discard(number)
        if instance.loading is not None and not instance.loading.done():
            instance.loading.set_exception(
                problem or SandboxError("sandbox.not_loaded", "unloaded while it was loaded")
            )
        if instance.unloading is not None and not instance.unloading.done():
            instance.unloading.set_result(instance.store)

    def _died(self, worker: WorkerProcess, culprit: int, code: str, reason: str) -> None:
        self._reap(worker)
        if worker not in self._workers:
            return
        ready = self._ready.pop(worker)
        if not ready.done():
            ready.set_exception(SandboxError("sandbox.worker_died", f"a worker did not start: {reason}"))
            self._workers.remove(worker)
            for number in list(worker.instances):
                self._lose(self._instances[number], "sandbox.worker_died", reason)
            return
        give_up = not culprit and self._too_many_blind_deaths()
        for number in list(worker.instances):
            instance = self._instances[number]
            if number == culprit or instance.unloading is not None or give_up:
                self._lose(instance, code, reason)
        replacement = self._spawn()
        self._workers[self._workers.index(worker)] = replacement
        for number in list(worker.instances):
            self._restart(self._instances[number], replacement, reason)

    def _too_many_blind_deaths(self) -> bool:
        now = time.monotonic()
        self._blind_deaths.append(now)
        while now - self._blind_deaths[0] > BLIND_WINDOW_S:
            self._blind_deaths.popleft()
        return len(self._blind_deaths) >= BLIND_DEATHS

    def _lose(self, instance: Instance, code: str, reason: str) -> None:
        was_loading = instance.loading is not None and not instance.loading.done()
        self._forget(instance, SandboxError(code, reason, instance=instance.spec.instance))
        if not was_loading and instance.unloading is None:
            limit = self._limits.watchdog_s if code == "sandbox.hung" else 0.0
            self._on_fault(Fault(instance.spec.instance, code, reason, limit=limit, used=limit, gone=True))

    def _restart(self, instance: Instance, worker: WorkerProcess, reason: str) -> None:
        instance.worker = worker
        instance.wake = math.inf
        instance.queue.clear()
        instance.queue.extend(encode_event(enter) for enter in instance.players.values())
        if instance.loading is None:
            instance.generation += 1
            text = f"its worker was killed ({reason}); it begins again from its last snapshot"
            self._on_fault(Fault(instance.spec.instance, "sandbox.restarted", text))
        self._send_load(instance, self._now)

    def _reap(self, worker: WorkerProcess) -> None:
        task = asyncio.get_running_loop().create_task(worker.reap())
        self._reaping.add(task)
        task.add_done_callback(self._reaping.discard)
