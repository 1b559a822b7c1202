"""One Lua state. Only numbers and bytes pass: no Python object is reachable from Lua, no Lua table from Python."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from lupa import lua55

from sandbox.errors import SandboxError
from sandbox.limits import DEFAULT_LIMITS, Limits
from sandbox.wire import FaultInfo, InstanceSpec

HERE = Path(__file__).parent / "lua"
GUARD_CHUNKS = (
    "codec",
    "settings",
    "budget",
    "coroutines",
    "metatables",
    "base",
    "matcher",
    "strings",
    "tables",
)
CHUNKS = (
    *GUARD_CHUNKS,
    "api_core",
    "api_time",
    "api_players",
    "api_world",
    "api_ui",
    "api_store",
    "api_match",
    "api_economy",
    "entry",
)
HEADROOM = 256 << 10
"""Bytes kept above a state's limit: lupa aborts the process when an allocation outside a protected call fails."""
BUILD_MEMORY = 64 << 20
HASH_SEED = 0x6D616C6C

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class StateResult:
    """What one call into a state gave; commands and faults still encoded."""

    commands: bytes
    faults: bytes
    store: bytes | None
    instructions: int
    cpu_s: float
    memory_bytes: int
    wake: float
    alive: bool


def encode_configuration(spec: InstanceSpec, limits: Limits) -> bytes:
    """What the state's own Lua needs to know of the spec and the limits."""
    return _encode(
        {
            "limits": asdict(limits),
            "seed": spec.seed & 0x7FFFFFFFFFFFFFFF,
            "package": spec.package,
            "language": spec.language,
            "footprint": spec.footprint,
            "capabilities": sorted(spec.capabilities),
            "settings": dict(spec.settings),
            "facts": dict(spec.facts),
            "texts": {locale: dict(texts) for locale, texts in spec.texts.items()},
        }
    )


def _new_runtime() -> Any:
    return lua55.LuaRuntime(
        register_eval=False,
        register_builtins=False,
        encoding=None,
        max_memory=BUILD_MEMORY,
        string_hash_seed=HASH_SEED,
    )


@cache
def compiled(name: str) -> bytes:
    """A file of ours as bytecode without debug information: quick to load, small, and marked as ours by source '=?'."""
    source = (HERE / f"{name}.lua").read_bytes()
    code = b"local s, n = ... return string.dump(assert(load(s, '=' .. n, 't')), true)"
    dump: bytes = _new_runtime().execute(code, source, name.encode())
    return dump


@cache
def boot_source() -> bytes:
    """The chunk that runs the others."""
    return (HERE / "boot.lua").read_bytes()


class State:
    """One Lua state of one instance.

    `extra` names chunks to run after the usual ones; the last one gives the entry points (the test kit uses this).
    """

    def __init__(
        self, configuration: bytes, limits: Limits = DEFAULT_LIMITS, chunks: tuple[str, ...] = CHUNKS
    ) -> None:
        self._runtime = _new_runtime()
        entries = self._runtime.execute(
            boot_source(), configuration, *map(compiled, chunks), name=b"=boot", mode="t"
        )
        self._load, self._deliver, self._snapshot, self._add_source = entries
        self._runtime.gccollect()
        self._base = self._runtime.get_memory_used(total=True)
        self._most = self._base + limits.memory_bytes
        self._runtime.set_max_memory(self._most + HEADROOM, total=True)
        self.alive = True

    @property
    def memory_bytes(self) -> int:
        """Lua memory of the creator, without the sandbox's own part."""
        return max(0, int(self._runtime.get_memory_used(total=True)) - self._base) if self.alive else 0

    def load(self, sources: Mapping[str, bytes], entry: str, store: bytes, now: float) -> StateResult:
        """Gives the state its files, restores the store and runs the entry."""
        for path, source in sources.items():
            self._add_source(path.encode(), source)
        return self._call(self._load, float(now), entry.encode(), store)

    def deliver(self, now: float, events: bytes) -> StateResult:
        """Runs one batch: an encoded array of events, or empty for the timers alone."""
        return self._call(self._deliver, float(now), events)

    def _call(self, function: Any, *arguments: float | bytes) -> StateResult:
        if not self.alive:
            return self._dead("sandbox.state_gone", "the state was closed after a fault", 0.0)
        if self._runtime.get_memory_used(total=True) > self._most:
            self._runtime.gccollect()
            if self._runtime.get_memory_used(total=True) > self._most:
                limit = self._most - self._base
                return self._dead(
                    "sandbox.memory_exceeded", f"{limit >> 10} KiB of memory are full", float(limit)
                )
        started = time.process_time()
        try:
            commands, faults, store, instructions, wake = function(*arguments)
        except lua55.LuaError as problem:
            # our own Lua failed, which happens when no memory is left even for the report
            code = "sandbox.memory_exceeded" if isinstance(problem, MemoryError) else "sandbox.state_failed"
            return self._dead(code, str(problem)[:500], float(self._most - self._base))
        return StateResult(
            commands=commands or b"",
            faults=faults or b"",
            store=store,
            instructions=int(instructions),
            cpu_s=time.process_time() - started,
            memory_bytes=self.memory_bytes,
            wake=float(wake),
            alive=True,
        )

    def _dead(self, code: str, message: str, limit: float) -> StateResult:
        self.close()
        fault = FaultInfo(event="", code=code, message=message, limit=limit, used=limit)
        return StateResult(b"", _encode((fault,)), None, 0, 0.0, 0, math.inf, False)

    def snapshot(self) -> bytes:
        """The store as bytes. Raises SandboxError `sandbox.state_gone` when the state is dead."""
        if not self.alive:
            raise SandboxError("sandbox.state_gone", "the state was closed after a fault")
        try:
            return bytes(self._snapshot())
        except lua55.LuaError as problem:
            raise SandboxError(
                "sandbox.state_gone", f"the state cannot give its store: {problem}"
            ) from problem

    def close(self) -> None:
        """Frees the Lua memory."""
        self.alive = False
        self._load = self._deliver = self._snapshot = self._add_source = self._runtime = None
