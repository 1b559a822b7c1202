"""What one tick of a game with ten moving players costs, against plain Lua doing the same."""

from __future__ import annotations

import time
from collections.abc import Mapping

from benchmarks.sandbox_parts.games import DT, NOW, STEPS, TICK_GAME, enters, moves, path, spec_of
from benchmarks.sandbox_parts.house import GAMES, Cost, crowd
from benchmarks.sandbox_parts.measure import NotMeasuredError, Row, cores, pin
from benchmarks.sandbox_parts.peers import Lua, Peer
from sandbox.events import Start
from sandbox.instance import encode_event
from sandbox.limits import DEFAULT_LIMITS
from sandbox.runtime import State, encode_configuration

SINGLE_BAR, BATCHED_BAR = 5.0, 3.0
MODES = ("plain", "plain200", "api")
"""What `tick.lua` can be; `plain` is the one that the bars are about."""


class InProcess:
    """States in this process, in turn: one `State.deliver` a tick."""

    def __init__(self, states: int) -> None:
        spec = spec_of(TICK_GAME.read_text())
        configuration = encode_configuration(spec)
        self._states = [State(configuration, DEFAULT_LIMITS.memory_bytes) for _ in range(states)]
        for state in self._states:
            state.load(spec.sources, spec.entry, b"", NOW)
            state.deliver(NOW, encode_event([Start(), *enters()]))
        self._moves = moves()
        self._turn = 0

    def tick_us(self, count: int) -> float:
        """Microseconds of CPU a tick; `count` is a multiple of ten for each state.

        Raises NotMeasuredError when a tick did not run.
        """
        moves, labels = self._moves, 0
        pin(0, cores()[1])
        started = time.process_time()
        for _ in range(count // len(self._states)):
            self._turn += 1
            now, batch = NOW + self._turn * DT, moves[self._turn % STEPS]
            for state in self._states:
                if state.deliver(now, batch).commands:
                    labels += 1
        spent = time.process_time() - started
        pin(0, cores()[0])
        if labels * 10 != count:
            raise NotMeasuredError(f"{count} ticks asked for, {labels * 10} ran")
        return spent / count * 1e6


async def rows(peers: Mapping[str, Lua], rounds: int, ticks: int) -> list[Row]:
    """Ours and the peers in turn. Without peers ours alone, and no bar can be held."""
    modes = {(name, mode): Peer(lua, mode) for name, lua in peers.items() for mode in MODES}
    single, many = InProcess(1), InProcess(GAMES)
    flushes = max(10, ticks // GAMES // 10 * 10)
    singles: list[float] = []
    turns: list[float] = []
    costs: list[Cost] = []
    theirs: dict[tuple[str, str], list[float]] = {key: [] for key in modes}
    try:
        async with crowd(TICK_GAME.read_text(), GAMES, players=True) as house:
            for turn in range(rounds + 1):
                one, each = single.tick_us(ticks // 10 * 10), many.tick_us(flushes * GAMES)
                cost = await house.measure(flushes, path())
                times = {key: peer.tick_us(ticks * 5) for key, peer in modes.items()}
                if turn == 0:
                    continue  # caches and the peers' compilers are warm now
                singles.append(one)
                turns.append(each)
                costs.append(cost)
                for key, value in times.items():
                    theirs[key].append(value)
    finally:
        for peer in modes.values():
            peer.close()
    cpu = [cost.worker_s / cost.ticks * 1e6 for cost in costs]
    wall = [cost.wall_s / cost.ticks * 1e6 for cost in costs]
    host = [cost.host_s / cost.ticks * 1e6 for cost in costs]
    plain = theirs.get(("lua5.4", "plain"), [])
    table = [
        Row("tick, single, CPU / lua5.4", "us", singles, plain, SINGLE_BAR),
        Row("tick, 200 states in turn in process, CPU / lua5.4", "us", turns, plain),
        Row("tick, batched, worker CPU / lua5.4", "us", cpu, plain, BATCHED_BAR),
        Row("tick, batched, wall / lua5.4", "us", wall, plain, BATCHED_BAR),
        Row("tick, batched, host CPU", "us", host),
    ]
    for name, mode in theirs:
        against = f"{name} {mode}"
        if mode != "plain200" and against != "lua5.4 plain":
            table.append(Row(f"tick, single, CPU / {against}", "us", singles, theirs[name, mode]))
        if mode != "plain":
            table.append(Row(f"tick, batched, worker CPU / {against}", "us", cpu, theirs[name, mode]))
    return table
