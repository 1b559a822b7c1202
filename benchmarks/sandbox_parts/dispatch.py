"""What one tick of a game with ten moving players costs, against plain Lua doing the same."""

from __future__ import annotations

import time
from collections.abc import Mapping

from benchmarks.sandbox_parts.games import DT, NOW, TICK_GAME, enters, moves, path, spec_of
from benchmarks.sandbox_parts.house import GAMES, Cost, crowd
from benchmarks.sandbox_parts.measure import Row, cores, pin
from benchmarks.sandbox_parts.peers import Lua, Peer
from sandbox.events import Start
from sandbox.instance import encode_event
from sandbox.limits import DEFAULT_LIMITS
from sandbox.runtime import State, encode_configuration

SINGLE_BAR, BATCHED_BAR = 5.0, 3.0


class Single:
    """One state in this process: one `State.deliver` a tick."""

    def __init__(self) -> None:
        spec = spec_of(TICK_GAME.read_text())
        self._state = State(encode_configuration(spec, DEFAULT_LIMITS), DEFAULT_LIMITS)
        self._state.load(spec.sources, spec.entry, b"", NOW)
        self._state.deliver(NOW, encode_event([Start(), *enters()]))
        self._moves = moves()
        self._now = NOW

    def tick_us(self, count: int) -> float:
        """Microseconds of CPU a tick. Raises SystemExit when a tick did not run."""
        state, moves, now, labels = self._state, self._moves, self._now, 0
        batches = [moves[i % len(moves)] for i in range(count)]
        pin(0, cores()[1])
        started = time.process_time()
        for batch in batches:
            now += DT
            if state.deliver(now, batch).commands:
                labels += 1
        spent = time.process_time() - started
        pin(0, cores()[0])
        self._now = now
        if labels != count // 10:
            raise SystemExit(f"{count} ticks asked for, {labels * 10} ran")
        return spent / count * 1e6


async def rows(peers: Mapping[str, Lua], rounds: int, ticks: int) -> list[Row]:
    """Ours and the peers in turn. Without peers ours alone, and no bar can be held."""
    modes = {(name, mode): Peer(lua, mode) for name, lua in peers.items() for mode in ("plain", "api")}
    single = Single()
    flushes = max(10, ticks // GAMES // 10 * 10)
    singles: list[float] = []
    costs: list[Cost] = []
    theirs: dict[tuple[str, str], list[float]] = {key: [] for key in modes}
    try:
        async with crowd(TICK_GAME.read_text(), GAMES, players=True) as house:
            for turn in range(rounds + 1):
                one = single.tick_us(ticks // 10 * 10)
                cost = await house.measure(flushes, path())
                times = {key: peer.tick_us(ticks * 5) for key, peer in modes.items()}
                if turn == 0:
                    continue  # caches and the peers' compilers are warm now
                singles.append(one)
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
        Row("tick, batched, worker CPU / lua5.4", "us", cpu, plain, BATCHED_BAR),
        Row("tick, batched, wall / lua5.4", "us", wall, plain, BATCHED_BAR),
        Row("tick, batched, host CPU", "us", host),
    ]
    for name, mode in theirs:
        if (name, mode) != ("lua5.4", "plain"):
            table.append(Row(f"tick, single, CPU / {name} {mode}", "us", singles, theirs[name, mode]))
            table.append(Row(f"tick, batched, worker CPU / {name} {mode}", "us", cpu, theirs[name, mode]))
    return table
