"""What the supervisor keeps of one instance."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from sandbox.events import Enter, Moved, pack_positions
from sandbox.limits import Limits
from sandbox.process import WorkerProcess
from sandbox.wire import Fault, InstanceSpec, Loaded

GRAIN_S = 0.001
"""Seconds of the clock that count as equal, as in the state."""
encode_event = msgspec.msgpack.Encoder().encode


@dataclass(slots=True)
class Allowance:
    """CPU seconds that an instance may use now: it gains `sustained_cpu_s` each second, up to `burst_cpu_s`."""

    left: float
    at: float = 0.0

    def gain(self, now: float, limits: Limits) -> bool:
        """Adds what the time brought; whether something is left."""
        self.left = min(limits.burst_cpu_s, self.left + max(0.0, now - self.at) * limits.sustained_cpu_s)
        self.at = now
        return self.left > 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch on its way."""

    serial: int
    now: float
    events: bytes


@dataclass(slots=True)
class Reload:
    """A reload on its way: what is wanted, and who waits."""

    spec: InstanceSpec
    configuration: bytes
    answer: asyncio.Future[Loaded]
    asked_at: float
    first: bytes = b""
    store: bytes = b""


@dataclass(slots=True)
class Instance:
    """Its spec, where it runs, what waits for it, and all that a restart needs."""

    spec: InstanceSpec
    configuration: bytes
    worker: WorkerProcess
    store: bytes
    allowance: Allowance
    generation: int = 1
    running: bool = False
    wake: float = math.inf
    queue: deque[bytes] = field(default_factory=deque)
    moved: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    players: dict[int, Enter] = field(default_factory=dict)
    sent: deque[Sent] = field(default_factory=deque)
    dropped: int = 0
    throttled: bool = False
    recorded: bool = False
    asked_at: float = 0.0
    loaded_at: float = 0.0
    loading: asyncio.Future[Loaded] | None = None
    unloading: asyncio.Future[bytes] | None = None
    reload: Reload | None = None

    def is_due(self, now: float) -> bool:
        """Whether it has something to do at `now` and may do it."""
        return (
            self.running
            and self.reload is None
            and bool(self.queue or self.moved or self.wake <= now + GRAIN_S)
        )

    def may_run(self, now: float, tell: Callable[[Fault], None]) -> bool:
        """Whether it has CPU time left; one that has none waits, and its author is told once."""
        limits = self.spec.limits
        if self.allowance.gain(now, limits):
            self.throttled = self.throttled and self.allowance.left < limits.burst_cpu_s / 2
            return True
        if not self.throttled:
            self.throttled = True
            share = limits.sustained_cpu_s
            text = f"it used more than {share * 1000:g} ms of CPU per second; its events wait until it has some again"
            tell(Fault(self.spec.instance, "sandbox.throttled", text, limit=share))
        return False

    def drop(self, most: int) -> Fault | None:
        """Leaves an event out, as `most` wait; the author is told once until it has caught up."""
        self.dropped += 1
        if self.dropped > 1:
            return None
        text = f"more than {most} events wait; inputs are dropped until it catches up"
        return Fault(self.spec.instance, "sandbox.events_dropped", text, limit=most, used=most)

    def take_events(self, most: int) -> bytes:
        """The next batch as bytes, at most about `most`; the rest stays queued. Empty when nothing waits."""
        events: list[msgspec.Raw] = []
        if self.moved:
            moved = encode_event(Moved(pack_positions(self.moved)))
            for player, at in self.moved.items():
                if player in self.players:
                    self.players[player] = msgspec.structs.replace(self.players[player], at=at)
            self.moved.clear()
            most -= len(moved)
            events.append(msgspec.Raw(moved))
        while self.queue and most >= len(self.queue[0]):
            most -= len(self.queue[0])
            events.append(msgspec.Raw(self.queue.popleft()))
        if not self.queue:
            self.dropped = 0
        return encode_event(events) if events else b""

    def answered(self, serial: int) -> Sent | None:
        """The batch that an answer belongs to; None when it was not asked for."""
        while self.sent:
            sent = self.sent.popleft()
            if sent.serial == serial:
                return sent
        return None

    def tell_anew(self, *first: bytes) -> None:
        """Queues what a fresh state must hear: these events and who is inside."""
        self.queue.extendleft(reversed([*first, *map(encode_event, self.players.values())]))
