"""What a state costs to make and to keep."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.sandbox_parts.games import MINIMAL, NOW, coin_rush, spec_of
from benchmarks.sandbox_parts.measure import NotMeasuredError, Row, cores, in_turn, pin
from sandbox.events import Start
from sandbox.instance import encode_event
from sandbox.limits import DEFAULT_LIMITS
from sandbox.runtime import State, encode_configuration
from sandbox.wire import InstanceSpec

STATE_MS_BAR, STATE_KB_BAR = 0.3, 110.0
KB = 1000
RSS_STATES = 200


def make(spec: InstanceSpec, configuration: bytes) -> State:
    """A state with its game loaded. Raises NotMeasuredError when the game does not load."""
    state = State(configuration, DEFAULT_LIMITS.memory_bytes)
    result = state.load(spec.sources, spec.entry, spec.store, NOW)
    if result.faults:
        raise NotMeasuredError(f"{spec.package} does not load: {result.faults!r}")
    return state


def timed(create: Callable[[], State], count: int) -> Callable[[], float]:
    """Milliseconds of one creation, the median of `count`; closing is not counted."""

    def measure() -> float:
        times = []
        gc.collect()
        gc.disable()
        for _ in range(count):
            started = time.perf_counter()
            state = create()
            times.append(time.perf_counter() - started)
            state.close()
        gc.enable()
        return statistics.median(times) * 1e3

    return measure


def lua_kb(state: State) -> float:
    """KB of all Lua memory of a state after full collections."""
    for _ in range(3):  # what a finalizer or a weak table held goes with the next
        state._runtime.gccollect()
    return float(state._runtime.get_memory_used(total=True)) / KB


def rss_kb(spec: InstanceSpec) -> float:
    """KB of resident memory a state, in a fresh process that makes 200."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_rss_kb, (spec,))


def _rss_kb(spec: InstanceSpec) -> float:
    configuration = encode_configuration(spec)
    kept = [make(spec, configuration)]
    before = _resident()
    kept += [make(spec, configuration) for _ in range(RSS_STATES)]
    return (_resident() - before) / RSS_STATES / KB


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def rows(rounds: int, count: int) -> list[Row]:
    """Times of creation in turn, then memory."""
    games = {"minimal game": spec_of(MINIMAL), "coin_rush": coin_rush()}
    configurations = {name: encode_configuration(spec) for name, spec in games.items()}
    empty = configurations["minimal game"]
    creations: dict[str, Callable[[], State]] = {"alone": lambda: State(empty, DEFAULT_LIMITS.memory_bytes)}
    for name, spec in games.items():
        creations[f"+ {name}"] = lambda spec=spec, c=configurations[name]: make(spec, c)  # type: ignore[misc]
    pin(0, cores()[1])
    times = in_turn(rounds, *(timed(create, count) for create in creations.values()))
    pin(0, cores()[0])
    table = [
        Row(f"state made, {name}", "ms", values, bar=STATE_MS_BAR if name == "alone" else None)
        for name, values in zip(creations, times, strict=True)
    ]
    state = State(empty, DEFAULT_LIMITS.memory_bytes)
    table.append(Row("memory of a state, no game", "KB", [lua_kb(state)]))
    for name, spec in games.items():
        state = make(spec, configurations[name])
        state.deliver(NOW, encode_event([Start()]))
        table.append(Row(f"memory of a state, {name}", "KB", [lua_kb(state)], bar=STATE_KB_BAR))
        table.append(Row(f"RSS / {RSS_STATES} states, {name}", "KB", [rss_kb(spec)]))
    return table
