"""The supervisor: instances spread over jailed workers, batches in, checked outboxes out, faults punished.

It lives in the host's event loop and never blocks it. One batch goes to each worker with every `flush`; a worker
that is still busy gets its events with the next one. A worker that hangs or breaks is killed, the culprit is dropped
and named, the other instances get a new state from their last snapshot.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from sandbox.answers import Tap, check_out, check_sources, check_spec, fault_of, load_message, problem_of
from sandbox.errors import SandboxError
from sandbox.events import (
    Bus,
    Chat,
    Commanded,
    Emoted,
    Enter,
    Event,
    Input,
    Interact,
    Leave,
    Moved,
    Restore,
    Start,
    Stop,
    Ui,
)
from sandbox.instance import Allowance, Instance, Reload, Sent, encode_event
from sandbox.limits import DEFAULT_PROCESS_LIMITS, ProcessLimits
from sandbox.pool import Pool
from sandbox.process import WorkerProcess
from sandbox.runtime import encode_configuration
from sandbox.wire import (
    Fault,
    FromWorker,
    Handed,
    HandOver,
    InstanceSpec,
    Loaded,
    LoadOut,
    Out,
    Outbox,
    Outs,
    Recorder,
    Unload,
    Unloaded,
    decode_faults,
)

QUEUE_MAX = 512
"""Events that may wait for one instance before what players do is dropped; facts are never dropped."""
DROPPABLE = (Input, Interact, Emoted, Chat, Commanded, Ui, Bus)


class Supervisor:
    """Runs instances in `workers` jailed processes and one more for those on probation.

    `on_outbox` and `on_fault` are called in the loop, and so is the `recorder`, which gets every batch and its result.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        process: ProcessLimits = DEFAULT_PROCESS_LIMITS,
        on_outbox: Callable[[Outbox], None],
        on_fault: Callable[[Fault], None],
        recorder: Recorder | None = None,
    ) -> None:
        self._on_outbox = on_outbox
        self._on_fault = on_fault
        self._tap = Tap(recorder)
        self._instances: dict[int, Instance] = {}
        self._pool = Pool(workers, process, self._message, self._died)
        self._now = 0.0

    async def start(self) -> None:
        """Starts the workers and waits until each is jailed. Raises SandboxError `sandbox.worker_died`."""
        await self._pool.start()

    async def stop(self) -> None:
        """Kills the workers; states that were not unloaded are lost but for their last snapshots."""
        for instance in list(self._instances.values()):
            self._forget(instance, SandboxError("sandbox.stopped", "the supervisor stopped"))
        await self._pool.stop()

    def jail_report(self) -> Mapping[str, str]:
        """What each step of the jail said, over all workers the worst."""
        return self._pool.jail_report()

    def worker_pids(self) -> tuple[int, ...]:
        """Process numbers of the workers, the one for probation last."""
        return tuple(worker.pid for worker in self._pool.workers)

    def instances(self) -> frozenset[int]:
        """Numbers of the instances that run or are being loaded."""
        return frozenset(self._instances)

    def generation(self, number: int) -> int:
        """Which state of the instance runs, counted from 1; 0 when there is none."""
        return self._instances[number].generation if number in self._instances else 0

    async def load(self, spec: InstanceSpec) -> Loaded:
        """Makes a state, runs the package's entry and queues its `start` event.

        Raises SandboxError with the script's own code, file and line when the entry fails; `sandbox.already_loaded`;
        `sandbox.source_too_large`; `sandbox.hung` or `sandbox.worker_died` when it took the worker down.
        """
        check_spec(spec, taken=spec.instance in self._instances)
        worker = self._pool.least_loaded(probation=spec.probation)
        allowance = Allowance(spec.limits.burst_cpu_s, spec.now)
        instance = Instance(spec, encode_configuration(spec), worker, spec.store, allowance)
        self._instances[spec.instance] = instance
        instance.loading = asyncio.get_running_loop().create_future()
        self._now = max(self._now, spec.now)
        self._send_load(instance)
        return await instance.loading

    async def reload(self, number: int, spec: InstanceSpec) -> Loaded:
        """Puts a new state in the place of a running one, between two batches.

        The new one begins with the store as it is and gets what `snapshot` gave in `restore`; then players enter again.
        While the new one cannot be loaded the old one goes on. Raises SandboxError as `load` does, `sandbox.not_loaded`
        and `sandbox.busy` when it is being loaded, reloaded or unloaded.
        """
        instance = self._instances.get(number)
        if instance is None:
            raise SandboxError("sandbox.not_loaded", f"there is no instance {number}", instance=number)
        if not instance.running or instance.reload is not None or instance.unloading is not None:
            raise SandboxError("sandbox.busy", f"instance {number} is being changed already", instance=number)
        check_sources(spec)
        spec = replace(spec, instance=number)
        answer: asyncio.Future[Loaded] = asyncio.get_running_loop().create_future()
        instance.reload = Reload(spec, encode_configuration(spec), answer, time.monotonic())
        instance.worker.send(HandOver(number, self._now))
        return await answer

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
            if (fault := instance.drop(QUEUE_MAX)) is not None:
                self._on_fault(fault)
            return
        if not instance.running and instance.loading is None:
            return  # it restarts: a fresh state hears who is inside, and its numbers begin anew
        encoded = encode_event(event)
        most = instance.spec.limits.inbox_bytes // 2
        if len(encoded) > most:
            raise SandboxError("sandbox.event_too_large", f"an event of {len(encoded)} bytes, at most {most}")
        instance.queue.append(encoded)

    def move(self, number: int, positions: Mapping[int, tuple[float, float, float]]) -> None:
        """Tells where players are now, in metres of the placement; only the last position of each counts."""
        instance = self._instances.get(number)
        if instance is not None:
            instance.moved.update(positions)

    def flush(self, now: float) -> None:
        """Sends one batch to each worker that is free: queued events, positions, and who wants to be woken at `now`."""
        self._now = max(self._now, now)
        for worker in self._pool.workers:
            if worker.batches_out or worker.dead:
                continue
            due = [one for number in worker.instances if (one := self._instances[number]).is_due(now)]
            items = [
                self._take(one, worker.serial + 1) for one in due if one.may_run(self._now, self._on_fault)
            ]
            if items:
                worker.send_batch(self._now, items)

    def _take(self, instance: Instance, serial: int) -> tuple[int, bytes]:
        events = instance.take_events(instance.spec.limits.inbox_bytes)
        instance.sent.append(Sent(serial, self._now, events))
        return instance.spec.instance, events

    async def unload(self, number: int, reason: str = "unloaded") -> bytes:
        """Tells the state to stop, waits for its last outbox, drops it. Returns the store's snapshot.

        When the worker dies meanwhile the last known snapshot is returned. Raises SandboxError `sandbox.not_loaded`.
        """
        instance = self._instances.get(number)
        if instance is None or instance.unloading is not None:
            raise SandboxError("sandbox.not_loaded", f"there is no instance {number}", instance=number)
        instance.unloading = asyncio.get_running_loop().create_future()
        if instance.reload is not None:
            await asyncio.wait([instance.reload.answer])
        if self._instances.get(number) is not instance:
            return instance.store
        if instance.running:
            instance.queue.append(encode_event(Stop(reason)))
            while instance.queue:
                instance.worker.send_batch(self._now, [self._take(instance, instance.worker.serial + 1)])
        instance.worker.send(Unload(number))
        return await instance.unloading

    def _send_load(self, instance: Instance) -> None:
        instance.asked_at, instance.loaded_at = time.monotonic(), self._now
        instance.running = False
        instance.sent.clear()
        instance.worker.instances.add(instance.spec.instance)
        instance.worker.send(load_message(instance.spec, instance.configuration, instance.store, self._now))

    def _message(self, worker: WorkerProcess, message: FromWorker) -> None:
        if isinstance(message, Outs):
            for out in message.items:
                self._out(worker, message.serial, out)
            if message.done:
                worker.answered()
                worker.batches_out -= 1
            return
        worker.answered()
        if isinstance(message, LoadOut):
            self._load_out(worker, message.out)
        elif isinstance(message, Handed):
            self._handed(worker, message)
        elif isinstance(message, Unloaded):
            self._unloaded(worker, message)
        else:
            worker.jail = message.jail
            self._pool.is_ready(worker)

    def _unloaded(self, worker: WorkerProcess, message: Unloaded) -> None:
        instance = self._instances.get(message.instance)
        # a state that died just before was forgotten already, and its number may be in use again
        if instance is not None and instance.worker is worker and instance.unloading is not None:
            self._keep_store(instance, message.store)
            self._forget(instance, None)

    def _keep_store(self, instance: Instance, store: bytes | None) -> None:
        if store is not None and len(store) <= 2 * instance.spec.limits.store_bytes:
            instance.store = store

    def _own(self, worker: WorkerProcess, number: int) -> Instance:
        instance = self._instances.get(number)
        if instance is None or instance.worker is not worker:
            raise SandboxError(
                "sandbox.bad_frame", f"a worker spoke for instance {number}, which it does not hold"
            )
        return instance

    def _out(self, worker: WorkerProcess, serial: int, out: Out) -> None:
        instance = self._own(worker, out.instance)
        sent = instance.answered(serial)
        if sent is None:
            raise SandboxError("sandbox.bad_frame", "a worker answered a batch that nobody had sent")
        outbox, faults = check_out(instance.spec, instance.generation, out)
        self._keep_store(instance, out.store)
        instance.wake = out.wake
        instance.allowance.left -= out.cpu_s
        self._tap.stepped(instance, sent, outbox, faults)
        if outbox.commands or faults or out.store is not None:
            self._on_outbox(outbox)
        for fault in faults:
            self._on_fault(fault_of(out.instance, fault, gone=not out.alive))
        if not out.alive:
            self._forget(instance, None)

    def _load_out(self, worker: WorkerProcess, out: Out) -> None:
        instance = self._own(worker, out.instance)
        if instance.reload is not None:
            self._reloaded(instance, instance.reload, out)
            return
        if instance.running:
            raise SandboxError("sandbox.bad_frame", "a worker answered a load that nobody had asked for")
        outbox, faults = check_out(instance.spec, instance.generation, out)
        if faults:
            problem = problem_of(faults[0])
            if instance.loading is None or instance.loading.done():
                self._on_fault(fault_of(out.instance, faults[0], gone=True))
            self._forget(instance, problem)
            return
        outbox = replace(outbox, fresh=True)
        self._begin(instance, out.wake, outbox, b"")
        loading, instance.loading = instance.loading, None
        if loading is not None and not loading.done():
            took = time.monotonic() - instance.asked_at
            loading.set_result(Loaded(out.instance, outbox, took, outbox.used.memory_bytes))
        else:
            self._on_outbox(outbox)

    def _begin(self, instance: Instance, wake: float, outbox: Outbox, first: bytes) -> None:
        """A state runs now."""
        instance.running = True
        instance.wake = wake
        self._tap.began(instance, first, outbox)
        instance.tell_anew(encode_event(Start()))

    def _handed(self, worker: WorkerProcess, handed: Handed) -> None:
        """The old state gave what the new one begins with; the load goes to the same worker."""
        instance = self._instances.get(handed.instance)
        reload = instance.reload if instance is not None else None
        if instance is None or reload is None or instance.worker is not worker:
            return  # the old state died meanwhile
        # creators' code ran for it, so the old run cannot be replayed further
        self._tap.ended(instance, "reloaded")
        faults = decode_faults(handed.faults)
        if faults:
            self._end_reload(instance, problem_of(faults[0]))
            return
        limit = 2 * instance.spec.limits.store_bytes
        if len(handed.value) > limit:
            raise SandboxError("sandbox.bad_frame", "a worker handed over too much", instance=handed.instance)
        reload.store = handed.store if 0 < len(handed.store) <= limit else instance.store
        if handed.value:
            reload.first = encode_event([Restore(handed.value, instance.spec.version)])
        instance.loaded_at = self._now
        worker.send(load_message(reload.spec, reload.configuration, reload.store, self._now, reload.first))

    def _reloaded(self, instance: Instance, reload: Reload, out: Out) -> None:
        outbox, faults = check_out(reload.spec, instance.generation + 1, out)
        if faults:
            self._end_reload(instance, problem_of(faults[0]))
            return
        instance.reload = None
        instance.spec, instance.configuration = reload.spec, reload.configuration
        instance.store = reload.store
        instance.generation += 1
        instance.sent.clear()
        instance.queue.clear()
        outbox = replace(outbox, fresh=True)
        self._begin(instance, out.wake, outbox, reload.first)
        self._on_outbox(outbox)
        if not reload.answer.done():
            seconds = time.monotonic() - reload.asked_at
            reload.answer.set_result(Loaded(out.instance, outbox, seconds, outbox.used.memory_bytes))

    def _end_reload(self, instance: Instance, problem: SandboxError) -> None:
        """The old state stays."""
        reload, instance.reload = instance.reload, None
        if reload is not None and not reload.answer.done():
            reload.answer.set_exception(problem)

    def _forget(self, instance: Instance, problem: SandboxError | None) -> None:
        number = instance.spec.instance
        self._instances.pop(number, None)
        instance.worker.instances.discard(number)
        gone = problem or SandboxError("sandbox.not_loaded", "it was unloaded meanwhile")
        self._tap.ended(instance, problem.code if problem else "ended")
        self._end_reload(instance, gone)
        if instance.loading is not None and not instance.loading.done():
            instance.loading.set_exception(gone)
        if instance.unloading is not None and not instance.unloading.done():
            instance.unloading.set_result(instance.store)

    def _died(self, worker: WorkerProcess, culprit: int, code: str, reason: str) -> None:
        give_up = not culprit and self._pool.too_many_blind_deaths()
        replacement = self._pool.replace(worker)
        for number in list(worker.instances):
            instance = self._instances[number]
            if number == culprit or instance.unloading is not None:
                self._lose(instance, code, reason)
            elif give_up:
                self._lose(instance, "sandbox.given_up", f"workers died again and again: {reason}")
            else:
                self._restart(instance, replacement, reason)

    def _lose(self, instance: Instance, code: str, reason: str) -> None:
        was_loading = instance.loading is not None and not instance.loading.done()
        self._forget(instance, SandboxError(code, reason, instance=instance.spec.instance))
        if not was_loading and instance.unloading is None:
            self._on_fault(Fault(instance.spec.instance, code, reason, gone=True))

    def _restart(self, instance: Instance, worker: WorkerProcess, reason: str) -> None:
        self._end_reload(instance, SandboxError("sandbox.worker_died", f"its worker was killed: {reason}"))
        self._tap.ended(instance, "sandbox.restarted")
        instance.worker = worker
        instance.wake = math.inf
        instance.queue.clear()
        if instance.loading is None:
            # with the old seed the draws of the first run would come again
            instance.spec = replace(instance.spec, seed=secrets.randbits(63))
            instance.configuration = encode_configuration(instance.spec)
            instance.generation += 1
            text = f"its worker was killed ({reason}); it begins again from its last snapshot"
            self._on_fault(Fault(instance.spec.instance, "sandbox.restarted", text))
        self._send_load(instance)
