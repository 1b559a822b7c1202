"""How fast recordings replay and how much room they take: `python benchmarks/replay.py [--quick]`.

Ten players run after coins in Coin Rush for ten minutes of the game's clock, from a fixed seed; the recording is
written as the host writes it and replayed in its jailed process. Bars: at least 20 times real time.
"""

from __future__ import annotations

import argparse
import io
import math
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
from rich.console import Console
from rich.table import Table

from sandbox import commands as c
from sandbox.events import AreaCrossed, Enter, Event, Interact, Moved, Start, pack_positions
from sandbox.folder import read_spec
from sandbox.recording import BlockWriter, Code, Ended, Reader, encode_row, header_of, row_of
from sandbox.rehearsal import in_area
from sandbox.replay import replay
from sandbox.runtime import State, StateResult, encode_configuration
from sandbox.wire import InstanceSpec, Step, decode_commands, decode_faults, outbox_digest

GAME = Path(__file__).resolve().parent.parent / "builtin_games" / "coin_rush"
PLAYERS = 10
TICK_S = 0.05
WALK_M = 0.4
"""Metres of a step, ten a second."""
FLUSH_S = 2.0
BAR = 20.0


class Round:
    """One state, ten players who walk to the nearest coin, and the recording of it all."""

    def __init__(self, spec: InstanceSpec) -> None:
        self.spec = spec
        self.now = spec.now
        self.dice = random.Random(7)
        self.at = {
            n: (self.dice.uniform(2, 13), 0.0, self.dice.uniform(2, 13)) for n in range(1, PLAYERS + 1)
        }
        self.things: dict[int, c.Parts] = {}
        self.keys: dict[int, str] = {}
        self.inside: set[tuple[int, int]] = set()
        self.running = False
        self.wake = math.inf
        self.claims = 0
        self.writer = BlockWriter()
        self.file = io.BytesIO()
        self.file.write(self.writer.begin(header_of(spec, Code.of(spec).pack()[0], 1, "1-benchmark2", 1)))
        self.rows: list[bytes] = []
        self.steps = 0
        self.written_at = self.now
        self.lua_s = 0.0
        self.state = State(encode_configuration(spec), spec.limits.memory_bytes)
        self._take(b"", self.state.load(spec.sources, spec.entry, spec.store, spec.now))
        self._tell([Start(), *(Enter(n, f"Player {n}", at=at) for n, at in self.at.items())])

    def play(self, seconds: float) -> None:
        """So much of the game's clock, in ticks of the region."""
        for tick in range(round(seconds / TICK_S)):
            self.now += TICK_S
            events: list[Event] = []
            if tick % 2 == 0:
                self._walk()
                events.append(Moved(pack_positions(self.at)))
                events += self._crossed()
            if not self.running and tick % 40 == 0:
                pedestal = next((n for n, key in self.keys.items() if key == "start"), None)
                if pedestal is not None:
                    events += [Interact(n, pedestal, "use") for n in self.at]
            if events or self.wake <= self.now:
                self._tell(events)
        self._write()
        self.file.write(self.writer.end(Ended("the benchmark ends", self.now, self.steps, 0)))

    def _walk(self) -> None:
        coins = [
            p.at
            for n, p in self.things.items()
            if self.keys[n].startswith("coin") and isinstance(p.at, tuple)
        ]
        for player, (x, _, z) in self.at.items():
            goal = min(coins, key=lambda at: (at[0] - x) ** 2 + (at[2] - z) ** 2, default=None)
            gx, gz = (goal[0], goal[2]) if goal else (self.dice.uniform(0, 15), self.dice.uniform(0, 15))
            far = math.hypot(gx - x, gz - z) or 1.0
            step = min(WALK_M, far) / far
            self.at[player] = (x + (gx - x) * step, 0.0, z + (gz - z) * step)

    def _crossed(self) -> list[Event]:
        found: list[Event] = []
        for number, parts in self.things.items():
            if not isinstance(parts.area, c.Area) or not isinstance(parts.at, tuple):
                continue
            for player, at in self.at.items():
                now_inside = in_area(parts.area, parts.at, at)
                if now_inside != ((player, number) in self.inside):
                    self.inside ^= {(player, number)}
                    found.append(AreaCrossed(player, number, now_inside))
        return found

    def _tell(self, events: list[Event]) -> None:
        raw = msgspec.msgpack.encode(events) if events else b""
        started = time.perf_counter()
        result = self.state.deliver(self.now, raw)
        self.lua_s += time.perf_counter() - started
        self._take(raw, result)

    def _take(self, events: bytes, result: StateResult) -> None:
        faults = decode_faults(result.faults)
        if faults:
            raise SystemExit(f"the game failed: {faults[0].message}")
        self.wake = result.wake
        digest = outbox_digest(result.commands, faults, result.store)
        self.rows.append(encode_row(row_of(Step(1, 1, self.now, events, digest))))
        self.steps += 1
        if self.now - self.written_at >= FLUSH_S:
            self._write()
        spec = self.spec
        for command in decode_commands(
            result.commands,
            limit=spec.limits.outbox_bytes,
            footprint=spec.footprint,
            capabilities=spec.capabilities,
        ):
            if isinstance(command, c.Spawn):
                self.things[command.entity], self.keys[command.entity] = command.parts, command.key
            elif isinstance(command, c.Remove):
                del self.things[command.entity], self.keys[command.entity]
                self.inside = {pair for pair in self.inside if pair[1] != command.entity}
            elif isinstance(command, c.MatchStatus):
                self.running = command.phase in ("lobby", "running")
            elif isinstance(command, c.Claim):
                self.claims += 1

    def _write(self) -> None:
        if self.rows:
            self.file.write(self.writer.rows(self.rows))
        self.rows, self.written_at = [], self.now


def main() -> None:
    """Prints the table; fails when the replay differs, or is slower than the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one minute of the game's clock")
    minutes = 1 if parser.parse_args().quick else 10
    spec = read_spec(GAME, seed=7, now=1_000_000.0)
    played = Round(spec)
    played.play(minutes * 60.0)
    data = played.file.getvalue()
    with tempfile.TemporaryFile() as file:
        file.write(data)
        results = []
        for _ in range(3):
            file.seek(0)
            results.append(replay(Reader(file), Code.of(spec)))
    result = min(results, key=lambda one: one.took_s)
    if not result.identical:
        raise SystemExit(f"the replay differs: {result.difference}")
    speed = result.recorded_s / result.took_s
    table = Table(
        "Replay",
        "Value",
        "Bar",
        title=f"{minutes} min of Coin Rush, {PLAYERS} players, {played.claims} claims",
    )
    for name, value, bar in (
        ("steps, events", f"{result.steps:,}, {result.events:,}", ""),
        ("file, KiB a minute", f"{len(data) / 1024 / minutes:.1f}", ""),
        ("bytes a step", f"{len(data) / result.steps:.1f}", ""),
        ("best of 3 replays, s (with the start of its process)", f"{result.took_s:.3f}", ""),
        ("times real time", f"{speed:,.0f}", f"{BAR:.0f}"),
        ("events/s", f"{result.events / result.took_s:,.0f}", ""),
        ("the same in Lua alone, in this process, s", f"{played.lua_s:.3f}", ""),
    ):
        table.add_row(name, value, bar)
    Console().print(table)
    if speed < BAR:
        raise SystemExit(f"replay at {speed:.1f} times real time, the bar is {BAR:g}")


if __name__ == "__main__":
    main()
