"""What the supervisor keeps of one instance."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass, field

import msgspec

from sandbox.events import Enter, Moved, pack_positions
from sandbox.process import WorkerProcess
from sandbox.wire import Fault, FaultInfo, InstanceSpec, Loaded

encode_event = msgspec.msgpack.Encoder().encode


@dataclass(slots=True)
class Instance:
    """Its spec, where it runs, what waits for it, and all that a restart needs."""

    spec: InstanceSpec
    configuration: bytes
    worker: WorkerProcess
    store: bytes
    generation: int = 1
    running: bool = False
    wake: float = math.inf
    queue: deque[bytes] = field(default_factory=deque)
    moved: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    players: dict[int, Enter] = field(default_factory=dict)
    dropped: int = 0
    asked_at: float = 0.0
    loading: asyncio.Future[Loaded] | None = None
    unloading: asyncio.Future[bytes] | None = None

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


def with_place(fault: FaultInfo) -> str:
    """The message with file and line in front, where they are known."""
    return f"{fault.file}:{fault.line}: {fault.message}" if fault.file else fault.message


def fault_of(number: int, info: FaultInfo, *, gone: bool) -> Fault:
    """The fault of an instance from the report of its state."""
    return Fault(
        number,
        info.code,
        info.message,
        info.file,
        info.line,
        info.limit,
        info.used,
        info.event,
        info.trace,
        gone,
    )
