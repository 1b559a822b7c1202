"""How long a hanging game keeps its 199 neighbours from running.

No Lua is known that the guards do not stop, so these games get budgets without an end; the watchdog is the default one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from benchmarks.sandbox_parts.games import NOW, spec_of
from benchmarks.sandbox_parts.house import ANSWER_S, GAMES
from benchmarks.sandbox_parts.measure import NotMeasuredError, Row, unpin
from sandbox.events import Enter, Input
from sandbox.limits import DEFAULT_LIMITS
from sandbox.supervisor import Supervisor
from sandbox.wire import Fault, Outbox

UNGUARDED = replace(
    DEFAULT_LIMITS, event_instructions=1 << 50, second_instructions=1 << 50, event_cpu_s=1e6, batch_cpu_s=1e6
)
GAME = """
mall.on("start", function() mall.log("started") end)
mall.on("tick", function() end)
mall.on("input", function() while true do end end)
"""
HANGS = 1
TURN_S = 0.05
TOTAL_BAR_S = 0.8


@dataclass(slots=True)
class Street:
    """All games behind one supervisor that is flushed as the host does it, 20 times a second."""

    supervisor: Supervisor
    started: set[int] = field(default_factory=set)
    """Games whose `start` handler has run in their present state."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    killed_at: float = 0.0
    faults: list[Fault] = field(default_factory=list)

    def on_outbox(self, outbox: Outbox) -> None:
        if outbox.commands and not outbox.fresh:
            self.started.add(outbox.instance)
            self.changed.set()

    def on_fault(self, fault: Fault) -> None:
        if fault.code == "sandbox.hung" and fault.instance == HANGS:
            self.killed_at = time.perf_counter()
            self.started.clear()
        elif fault.code != "sandbox.restarted":
            self.faults.append(fault)
        self.changed.set()

    async def run(self) -> None:
        """Flushes until cancelled."""
        began = time.perf_counter()
        while True:
            self.supervisor.flush(NOW + time.perf_counter() - began)
            await asyncio.sleep(TURN_S)

    async def until_started(self, games: int, *, killed: bool) -> None:
        """Waits until so many games have started (again). Raises NotMeasuredError when they do not."""
        end = time.perf_counter() + ANSWER_S
        while len(self.started) < games or (killed and not self.killed_at):
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), max(0.0, end - time.perf_counter()))
            except TimeoutError as problem:
                raise NotMeasuredError(
                    f"{len(self.started)} of {games} games run, killed: {self.killed_at > 0}; {self.faults[:1]}"
                ) from problem


@asynccontextmanager
async def street() -> AsyncIterator[Street]:
    """A street whose games have all started."""
    made: Street
    made = Street(
        Supervisor(
            workers=1,
            on_outbox=lambda outbox: made.on_outbox(outbox),
            on_fault=lambda fault: made.on_fault(fault),
        )
    )
    await made.supervisor.start()
    flushing = asyncio.get_running_loop().create_task(made.run())
    try:
        for number in range(1, GAMES + 1):
            await made.supervisor.load(replace(spec_of(GAME, number), limits=UNGUARDED))
        made.supervisor.post(HANGS, Enter(1, "Eve"))
        await made.until_started(GAMES, killed=False)
        yield made
    finally:
        flushing.cancel()
        await made.supervisor.stop()


async def once() -> tuple[float, float]:
    """Seconds from the hang's start to the kill, and to the start of all the others."""
    async with street() as games:
        games.supervisor.post(HANGS, Input(1, "go"))
        began = time.perf_counter()
        await games.until_started(GAMES - 1, killed=True)
        if games.faults:
            raise NotMeasuredError(f"a game besides the hanging one was hurt: {games.faults[0]}")
        return games.killed_at - began, time.perf_counter() - began


def rows(rounds: int) -> list[Row]:
    """The host and its workers are not pinned here: a worker that replaces a killed one must be free to move."""
    unpin()
    times = [asyncio.run(once()) for _ in range(rounds)]
    return [
        Row("hang: start to kill", "s", [kill for kill, _ in times]),
        Row("hang: kill to all 199 others", "s", [back - kill for kill, back in times]),
        Row("hang: start to all 199 others", "s", [back for _, back in times], bar=TOTAL_BAR_S),
    ]
