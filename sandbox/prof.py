"""Profiles a package: seeded bots play it twice under the rehearsal, and each handler is told with what it used.

The first play is as it is live and gives instructions, CPU time, memory and outbox of each batch. The second one runs
with `lua/prof.lua`, which slows it, and tells which handlers and lines these belong to. Both are the same to the last
event, as a state sees nothing but its seed, the clock and its events.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from sandbox.bots import Bots
from sandbox.events import Event
from sandbox.folder import read_spec
from sandbox.limits import DEFAULT_LIMITS, Limits
from sandbox.rehearsal import Rehearsal, describe
from sandbox.runtime import StateResult
from sandbox.wire import InstanceSpec

START = 1_750_000_000.0
UNWATCHED = 3600.0
"""CPU seconds that the slowed play may take for an event; the play before it was held to the real limit."""
RELAXED = 1 << 40
WINDOW_S = 1.0
HOT_LINES = 3
_decode = msgspec.msgpack.Decoder().decode


@dataclass(slots=True)
class Handler:
    """What one handler used, in all. `where` is file:line of its function; `growth` is Lua memory in bytes."""

    event: str
    where: str
    calls: int = 0
    instructions: int = 0
    most_instructions: int = 0
    cpu_s: float = 0.0
    most_cpu_s: float = 0.0
    outbox_bytes: int = 0
    commands: int = 0
    growth: int = 0

    def add(self, part: float, batch: Batch) -> None:
        """Book its part (0 to 1) of a batch."""
        instructions, cpu = round(part * batch.instructions), part * batch.cpu_s
        self.calls += 1
        self.instructions += instructions
        self.most_instructions = max(self.most_instructions, instructions)
        self.cpu_s += cpu
        self.most_cpu_s = max(self.most_cpu_s, cpu)
        self.outbox_bytes += round(part * batch.outbox_bytes)
        self.commands += round(part * batch.commands)
        self.growth += round(part * batch.growth)


@dataclass(frozen=True, slots=True)
class Batch:
    """One call into the state. `growth` in bytes; a collection of garbage makes it negative."""

    events: tuple[str, ...]
    at: float
    instructions: int
    cpu_s: float
    memory_bytes: int
    growth: int
    outbox_bytes: int
    commands: int


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of one limit was used at the worst moment."""

    name: str
    used: float
    limit: float

    @property
    def share(self) -> float:
        """Used part, 1 is all."""
        return self.used / self.limit if self.limit else 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole profile. `handlers`: dearest first. `lines`: file:line and its share of the instructions."""

    package: str
    seconds: float
    players: int
    seed: int
    handlers: tuple[Handler, ...]
    meters: tuple[Meter, ...]
    lines: tuple[tuple[str, float], ...]
    faults: tuple[str, ...]


@dataclass(slots=True)
class _Play:
    """One play with all its batches."""

    batches: list[Batch] = field(default_factory=list)
    runs: list[list[list[Any]]] = field(default_factory=list)
    lines: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    memory: int = 0
    store: int = 0

    def watch(self, game: Rehearsal, events: list[Event], result: StateResult, commands: int) -> None:
        """Takes note of a batch."""
        names = tuple(str(event.__struct_config__.tag) for event in events)
        self.batches.append(
            Batch(
                names or (("load",) if not self.batches else ("timer",)),
                game.now,
                result.instructions,
                result.cpu_s,
                result.memory_bytes,
                result.memory_bytes - self.memory,
                len(result.commands),
                commands,
            )
        )
        self.memory = result.memory_bytes

    def watch_handlers(
        self, game: Rehearsal, events: list[Event], result: StateResult, commands: int
    ) -> None:
        """The same, with what `lua/prof.lua` has noted since the batch before."""
        self.watch(game, events, result, commands)
        if not result.alive:
            self.runs.append([])
            return
        _, report, _ = game.state.hand_over(game.now)
        runs, lines = _decode(report)
        self.runs.append(runs)
        for line, instructions in dict(lines).items():
            self.lines[line] += instructions


def profile(
    folder: Path, *, seconds: float, players: int, seed: int, limits: Limits = DEFAULT_LIMITS
) -> Profile:
    """Plays the package of a folder for `seconds` of its own clock with so many bots.

    Raises SandboxError for a folder without a sound manifest, and the load's own when the entry fails.
    """
    spec = read_spec(folder, seed=seed, now=START)
    plain, watched = _Play(), _Play()
    game = _play(spec, limits, plain, seconds, players, seed)
    slowed = replace(limits, event_cpu_s=UNWATCHED, load_cpu_s=UNWATCHED, second_instructions=RELAXED)
    _play(spec, slowed, watched, seconds, players, seed, slowed=True)
    return Profile(
        package=spec.package,
        seconds=seconds,
        players=players,
        seed=seed,
        handlers=_handlers(plain, watched),
        meters=_meters(plain, game, limits),
        lines=_hottest(watched.lines),
        faults=tuple(dict.fromkeys(describe(fault) for fault in game.faults)),
    )


def _play(
    spec: InstanceSpec,
    limits: Limits,
    play: _Play,
    seconds: float,
    players: int,
    seed: int,
    *,
    slowed: bool = False,
) -> Rehearsal:
    watch = play.watch_handlers if slowed else play.watch
    game = Rehearsal(spec, limits, "prof" if slowed else "game", watch)
    try:
        Bots(game, players, seed).play(seconds)
        play.store = len(game.snapshot()) if game.state.alive else 0
    finally:
        game.close()
    return game


def _handlers(plain: _Play, watched: _Play) -> tuple[Handler, ...]:
    """Each batch's use, split among its handlers by their counted instructions.

    A game that the CPU limit stopped in the first play goes another way in the second: what follows is not told.
    """
    found: dict[tuple[str, str], Handler] = {}
    for batch, same, runs in zip(plain.batches, watched.batches, watched.runs, strict=False):
        if batch.events != same.events:
            break
        total = sum(run[3] for run in runs)
        for event, file, line, counted in runs:
            key = (event, f"{file}:{line}" if line else str(file))
            handler = found.setdefault(key, Handler(*key))
            handler.add(counted / total if total else 1 / len(runs), batch)
    return tuple(sorted(found.values(), key=lambda one: (-one.instructions, one.event, one.where)))


def _meters(play: _Play, game: Rehearsal, limits: Limits) -> tuple[Meter, ...]:
    load, *events = play.batches
    most = _most(events)
    return (
        Meter("instructions per event", most.instructions, limits.event_instructions),
        Meter("CPU ms per event", most.cpu_s * 1000, limits.event_cpu_s * 1000),
        Meter("instructions per second", _sustained(events), limits.second_instructions),
        Meter("memory KiB", max(b.memory_bytes for b in play.batches) / 1024, limits.memory_bytes / 1024),
        Meter("outbox KiB per batch", most.outbox_bytes / 1024, limits.outbox_bytes / 1024),
        Meter("store KiB", play.store / 1024, limits.store_bytes / 1024),
        Meter("entities", game.usage["entities"], limits.entities),
        Meter("instructions to load", load.instructions, limits.load_instructions),
        Meter("CPU ms to load", load.cpu_s * 1000, limits.load_cpu_s * 1000),
    )


def _most(batches: list[Batch]) -> Batch:
    """The worst of each figure."""
    none = Batch((), 0.0, 0, 0.0, 0, 0, 0, 0)
    return Batch(
        (),
        0.0,
        *(
            max(getattr(batch, name) for batch in [*batches, none])
            for name in ("instructions", "cpu_s", "memory_bytes", "growth", "outbox_bytes", "commands")
        ),
    )


def _sustained(batches: list[Batch]) -> int:
    """The most instructions within any second of the game's clock."""
    window: deque[Batch] = deque()
    used = most = 0
    for batch in batches:
        window.append(batch)
        used += batch.instructions
        while window[0].at <= batch.at - WINDOW_S:
            used -= window.popleft().instructions
        most = max(most, used)
    return most


def _hottest(lines: dict[str, int]) -> tuple[tuple[str, float], ...]:
    total = sum(lines.values())
    ranked = sorted(lines.items(), key=lambda item: (-item[1], item[0]))
    return tuple((line, count / total) for line, count in ranked[:HOT_LINES])
