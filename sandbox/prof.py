"""Profiles a package: seeded bots play it twice under the rehearsal, and each handler is told with what it used.

The first play is as it is live and gives instructions, CPU time, memory and outbox of each batch. The second state gets
the same batches and runs with `lua/prof.lua`, which slows it, and tells which handlers and lines these belong to. Both
do the same, as a state sees nothing but its seed, the clock and its events.
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
from sandbox.runtime import Cut, State, StateResult, encode_configuration
from sandbox.wire import InstanceSpec, decode_faults

START = 1_750_000_000.0
NOTES_BYTES = 1 << 20
"""Memory of the watched state for its own notes."""
NOT_CUT: Cut = (0, 0)
Run = tuple[str, str, int, int]
"""One handler in one batch: event, file, line of its function, counted instructions."""
WINDOW_S = 1.0
HOT_LINES = 3
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[list[Run], Any]).decode


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
    """The first play: what went into each batch and what came out."""

    batches: list[Batch] = field(default_factory=list)
    inputs: list[bytes] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
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
        self.inputs.append(_encode(events) if events else b"")
        cut = (((fault.run, fault.left)) for fault in decode_faults(result.faults) if fault.run)
        self.cuts.append(next(cut, NOT_CUT))
        self.memory = result.memory_bytes


def profile(
    folder: Path, *, seconds: float, players: int, seed: int, limits: Limits = DEFAULT_LIMITS
) -> Profile:
    """Plays the package of a folder for `seconds` of its own clock with so many bots.

    Raises SandboxError for a folder without a sound manifest, and the load's own when the entry fails.
    """
    spec = replace(read_spec(folder, seed=seed, now=START), limits=limits)
    play = _Play()
    game = Rehearsal(spec, limits, watch=play.watch)
    try:
        Bots(game, players, seed).play(seconds)
        play.store = len(game.snapshot()) if game.state.alive else 0
    finally:
        game.close()
    runs, lines = _play_again(spec, play)
    return Profile(
        package=spec.package,
        seconds=seconds,
        players=players,
        seed=seed,
        handlers=_handlers(play.batches, runs, spec.entry),
        meters=_meters(play, game, limits),
        lines=_hottest(lines),
        faults=tuple(dict.fromkeys(describe(fault) for fault in game.faults)),
    )


def _play_again(spec: InstanceSpec, play: _Play) -> tuple[list[list[Run]], dict[str, int]]:
    """The same batches in a watched state, cut where the first play was: handlers of each batch, and lines."""
    state = State(encode_configuration(spec), spec.limits.memory_bytes + NOTES_BYTES, "prof")
    runs: list[list[Run]] = []
    lines: defaultdict[str, int] = defaultdict(int)
    try:
        for batch, events, cut in zip(play.batches, play.inputs, play.cuts, strict=True):
            if not runs:
                result = state.load(spec.sources, spec.entry, spec.store, batch.at, cut=cut)
            else:
                result = state.deliver(batch.at, events, cut)
            if not result.alive:
                break
            _, report, _ = state.hand_over(batch.at)
            if not report:  # no memory was left for the notes
                break
            found, counted = _decode(report)
            runs.append(found)
            for line, instructions in dict(counted).items():
                lines[line] += instructions
    finally:
        state.close()
    return runs, lines


def _handlers(batches: list[Batch], runs: list[list[Run]], entry: str) -> tuple[Handler, ...]:
    """Each batch's use, split among its handlers by their counted instructions. A state that ended tells no more."""
    found: dict[tuple[str, str], Handler] = {}
    for batch, handled in zip(batches, runs, strict=False):
        total = sum(run[3] for run in handled)
        for event, file, line, counted in handled:
            key = (event, f"{file}:{line}" if line else entry)
            handler = found.setdefault(key, Handler(*key))
            handler.add(counted / total if total else 1 / len(handled), batch)
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
