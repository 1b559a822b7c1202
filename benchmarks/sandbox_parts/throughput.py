"""How many ticks a second one worker with 200 games gives."""

from __future__ import annotations

from benchmarks.sandbox_parts.games import TICK_GAME, path
from benchmarks.sandbox_parts.house import GAMES, crowd
from benchmarks.sandbox_parts.measure import Row

TICKS_BAR = 30_000.0


async def rows(rounds: int, seconds: float) -> list[Row]:
    """Games without players, then each with ten who move; `seconds` of wall are spread over the rounds."""
    table = []
    for players in (False, True):
        name = f"{GAMES} games, 10 movers each" if players else f"{GAMES} games"
        async with crowd(TICK_GAME.read_text(), GAMES, players=players) as house:
            steps = path() if players else ()
            probe = await house.measure(10, steps)
            flushes = max(10, int(seconds / rounds / probe.wall_s) * 10)
            costs = [await house.measure(flushes, steps) for _ in range(rounds)]
        bar = None if players else TICKS_BAR
        wall = [cost.ticks / cost.wall_s for cost in costs]
        table += [
            Row(f"{name}: ticks, wall", "/s", wall, bar=bar, least=True),
            Row(
                f"{name}: ticks, worker CPU alone",
                "/s",
                [cost.ticks / cost.worker_s for cost in costs],
                least=True,
            ),
            Row(f"{name}: host CPU share", "%", [100 * cost.host_s / cost.wall_s for cost in costs]),
            Row(f"{name}: worker CPU share", "%", [100 * cost.worker_s / cost.wall_s for cost in costs]),
        ]
    return table
