"""What the tests of the sandbox share: specs from a line of Lua, a state in this process, a running supervisor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from sandbox.commands import Command, Log
from sandbox.events import Event
from sandbox.limits import DEFAULT_PROCESS_LIMITS, Limits, ProcessLimits
from sandbox.runtime import State, StateResult, encode_configuration
from sandbox.supervisor import Supervisor
from sandbox.wire import Fault, FaultInfo, InstanceSpec, Outbox, decode_commands, decode_faults

ALL = frozenset(
    {"world.build", "ui", "store", "board", "match", "chat.say", "chat.listen", "bus", "reward.claim"}
    | {"avatar.move", "avatar.emote", "avatar.effect"}
)
NOW = 1000.0


def make_spec(source: str, **changes: Any) -> InstanceSpec:
    fields: dict[str, Any] = {
        "instance": 1,
        "package": "ada/game",
        "version": "1.0.0",
        "digest": "",
        "sources": {"init.lua": source.encode()},
        "entry": "init.lua",
        "settings": {"round": 30},
        "capabilities": ALL,
        "seed": 7,
        "now": NOW,
        "footprint": (15.0, 20.0, 15.0),
        "facts": {"id": 5, "holder_name": "Ada"},
    }
    return InstanceSpec(**{**fields, **changes})


class Game:
    """One state in this process, its outboxes checked as the host checks them."""

    def __init__(self, source: str, limits: Limits | None = None, **changes: Any) -> None:
        self.limits = limits or Limits()
        self.spec = make_spec(source, limits=self.limits, **changes)
        self.now = NOW
        self.state = State(encode_configuration(self.spec), self.limits.memory_bytes)
        self.commands: tuple[Command, ...] = ()
        self.faults: tuple[FaultInfo, ...] = ()
        self.result = self._take(self.state.load(self.spec.sources, self.spec.entry, self.spec.store, NOW))

    def tell(self, *events: Event) -> tuple[Command, ...]:
        self._take(self.state.deliver(self.now, msgspec.msgpack.encode(events) if events else b""))
        return self.commands

    def advance(self, seconds: float) -> tuple[Command, ...]:
        self.now += seconds
        return self.tell()

    def logs(self) -> list[str]:
        return [command.text for command in self.commands if isinstance(command, Log)]

    def _take(self, result: StateResult) -> StateResult:
        self.result = result
        self.faults = decode_faults(result.faults)
        self.commands = decode_commands(
            result.commands,
            limit=self.limits.outbox_bytes,
            footprint=self.spec.footprint,
            capabilities=self.spec.capabilities,
        )
        return result


@dataclass
class House:
    """A supervisor and all that it told."""

    supervisor: Supervisor
    now: float = NOW
    outboxes: list[Outbox] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    async def flush(self, seconds: float = 0.1) -> None:
        self.now += seconds
        self.supervisor.flush(self.now)
        await self.until(lambda: not any(w.awaited and not w.dead for w in self.supervisor._pool.workers))

    async def until(self, holds: Callable[[], bool], most: float = 20.0) -> None:
        end = time.monotonic() + most
        while not holds():
            assert time.monotonic() < end, "it did not come in time"
            await asyncio.sleep(0.002)

    def logs(self, instance: int) -> list[str]:
        return [
            c.text for o in self.outboxes if o.instance == instance for c in o.commands if isinstance(c, Log)
        ]


@asynccontextmanager
async def open_house(
    process: ProcessLimits = DEFAULT_PROCESS_LIMITS, workers: int = 1
) -> AsyncIterator[House]:
    house: House

    def outbox(value: Outbox) -> None:
        house.outboxes.append(value)

    def fault(value: Fault) -> None:
        house.faults.append(value)

    house = House(Supervisor(workers=workers, process=process, on_outbox=outbox, on_fault=fault))
    await house.supervisor.start()
    try:
        yield house
    finally:
        await house.supervisor.stop()


@pytest.fixture
def game() -> type[Game]:
    return Game


@pytest.fixture
def spec() -> Callable[..., InstanceSpec]:
    return make_spec


@pytest.fixture
def in_house() -> Callable[..., None]:
    """Runs a coroutine function with an open house."""

    def run(test: Callable[[House], Coroutine[Any, Any, None]], **options: Any) -> None:
        async def main() -> None:
            async with open_house(**options) as house:
                await test(house)

        asyncio.run(main())

    return run
