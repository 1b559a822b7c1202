"""One Lua state. Only numbers and bytes pass: no Python object is reachable from Lua, no Lua table from Python."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from lupa import lua55

from sandbox.errors import SandboxError
from sandbox.metering import metered, metered_ours
from sandbox.wire import FaultInfo, InstanceSpec

HERE = Path(__file__).parent / "lua"
UNMETERED = frozenset({"settings", "budget", "bounds", "meter", "entry", "strip", "prof"})
"""Files that run outside budgets, or do their own booking."""
LOOPS = frozenset({"api_players", "api_time", "coroutines", "maths"})
"""Files whose loops alone are metered, as a tick goes through them, or as they must act after a stop; of all others the
functions are, too."""
GUARD = ("codec", "settings", "budget", "bounds", "base")
IMAGES: Mapping[str, tuple[str, ...]] = {
    "game": (*GUARD, "api_core", "api_time", "api_players", "entry"),
    "test": (*GUARD, "testkit"),
    "prof": (*GUARD, "api_core", "api_time", "api_players", "prof", "entry"),
}
"""What each kind of state runs when it is made; every other file of `lua/` is run on its first use."""
WRAPPER = (
    b"local __meter, __meter_slow, __meter_spent;"
    b"return function(...) local _ = __meter, __meter_slow, __meter_spent %s\nend"
)
"""Around a file that is run on use: its function has our variables as its first upvalues, see `K.join`."""
LUA_LIMITS = (
    "memory_bytes",
    "event_instructions",
    "event_cpu_s",
    "batch_cpu_s",
    "second_instructions",
    "load_instructions",
    "load_cpu_s",
    "outbox_bytes",
    "store_bytes",
    "snapshot_s",
    "entities",
    "timers",
    "ui_nodes",
    "matches",
    "pattern_steps",
    "slice",
)
"""The limits that the state itself must know."""
Cut = tuple[int, int]
"""Where a batch was stopped: the run, counted from 1, and the instructions it had left."""
MEASURED: tuple[int | None, int | None] = (None, None)
"""For a run that is no replay: clock and memory are asked."""
HEADROOM = 512 << 10
"""Bytes kept above a state's limit: lupa aborts the process when an allocation outside a protected call fails."""
BUILD_MEMORY = 64 << 20
HASH_SEED = 0x6D616C6C

_encode = msgspec.msgpack.Encoder().encode


class StateResult(msgspec.Struct, frozen=True, gc=False):
    """What one call into a state gave; commands and faults still encoded. `cpu_s` is taken from the wall clock here, as
    reading the CPU's costs microseconds; a worker puts it right for whole batches."""

    commands: bytes
    faults: bytes
    store: bytes | None
    instructions: int
    cpu_s: float
    memory_bytes: int
    wake: float
    alive: bool


def configuration(spec: InstanceSpec) -> dict[str, Any]:
    """What the state's own Lua needs to know of the spec; facts and texts are decoded there on first use."""
    return {
        "limits": {name: getattr(spec.limits, name) for name in LUA_LIMITS},
        "seed": spec.seed & 0x7FFFFFFFFFFFFFFF,
        "package": spec.package,
        "language": spec.language,
        "footprint": spec.footprint,
        "capabilities": dict.fromkeys(sorted(spec.capabilities), True),
        "facts": _encode({"settings": dict(spec.settings), "parcel": dict(spec.facts)}),
        "texts": _encode({locale: dict(texts) for locale, texts in spec.texts.items()}),
    }


def encode_configuration(spec: InstanceSpec) -> bytes:
    """The configuration as a state is given it."""
    return _encode(configuration(spec))


def _new_runtime() -> Any:
    return lua55.LuaRuntime(
        register_eval=False,
        register_builtins=False,
        encoding=None,
        max_memory=BUILD_MEMORY,
        string_hash_seed=HASH_SEED,
    )


@cache
def _dump(source: bytes) -> bytes:
    """Bytecode without debug information: quick to load, small, and marked as ours by its source '=?'."""
    code = b"return string.dump(assert(load(..., '=?', 't')), true)"
    dumped: bytes = _new_runtime().execute(code, source)
    return dumped


def _literal(data: bytes) -> bytes:
    """Any bytes as a Lua string."""
    return b'"' + b"".join(b"\\x%02x" % byte for byte in data) + b'"'


def _text(path: Path) -> bytes:
    source = path.read_bytes()
    if path.stem in UNMETERED:
        return source
    return metered_ours(source, "loops" if path.stem in LOOPS else "all")


@cache
def image(kind: str) -> bytes:
    """One chunk that makes a state of this kind: it runs the files of `IMAGES` and keeps the others to be run on use.

    It is loaded in the mode "B" of Lua 5.5, which leaves code and long strings in our buffer (lua.org, manual section
    4.6, lua_load): all states share them, and the files kept as long strings take nothing of a state's memory.
    """
    files = {path.stem: _text(path) for path in sorted(HERE.glob("*.lua"))}
    at_once = {name for names in IMAGES.values() for name in names} | {"strip"}
    kept = [
        b"%s = %s" % (name.encode(), _literal(_dump(WRAPPER % source)))
        for name, source in files.items()
        if name not in at_once
    ]
    *first, last = IMAGES[kind]
    source = (
        b"collectgarbage('stop')\nlocal K = { env = {}, now = 0, closed = false, configuration = ... };\n"
        b"local __meter, __meter_slow, __meter_spent = 1 << 60, 1 << 60;\n"
    )
    source += b"K.chunks = { %s };\n" % b", ".join(kept)
    for name in first:
        source += b"(function(...) %s\nend)(K);\n" % files[name]
    source += (
        b"local entries = table.pack((function(...) %s\nend)(K))\nlocal unpack = table.unpack;\n"
        % files[last]
    )
    source += b"(function(...) %s\nend)(K);\nreturn unpack(entries)" % files["strip"]
    return _dump(source)


class State:
    """One Lua state of one instance. `kind` names its image, `memory_bytes` is what its creator may use."""

    def __init__(self, configuration: bytes, memory_bytes: int, kind: str = "game") -> None:
        self._runtime = _new_runtime()
        # the image must outlive the state, which it does, as it is kept by its cache
        entries = self._runtime.compile(image(kind), name=b"=?", mode="B")(configuration)
        self._load, self._deliver, self._snapshot, self._add_source, self._hand_over = entries
        self._base = self._runtime.get_memory_used(total=True)
        self._used = self._runtime.get_memory_used
        self._most = self._base + memory_bytes
        self._runtime.set_max_memory(self._most + HEADROOM, total=True)
        self.alive = True

    def load(
        self,
        sources: Mapping[str, bytes],
        entry: str,
        store: bytes,
        now: float,
        first: bytes = b"",
        cut: Cut | None = None,
    ) -> StateResult:
        """Gives the state its files and its store, runs the entry, then the encoded events `first` of a reload.

        `cut` is where a recorded load was stopped: a replay stops there and asks no clock.
        """
        texts = {path.encode(): metered(path, source) for path, source in sources.items()}
        limit = self._most - self._base
        if sum(len(text or problem or b"") for text, problem in texts.values()) > limit:
            return self._dead("sandbox.memory_exceeded", "the sources fill all memory", float(limit))
        for name, (text, problem) in texts.items():
            self._add_source(name, text, problem)
        return self._call(self._load, float(now), entry.encode(), store, first, *(cut or MEASURED))

    def deliver(self, now: float, events: bytes, cut: Cut | None = None) -> StateResult:
        """Runs one batch: an encoded array of events, or empty for the timers alone. `cut` as in `load`."""
        run, left = cut or MEASURED
        return self._call(self._deliver, now, events, run, left)

    def hand_over(self, now: float) -> tuple[bytes, bytes, bytes]:
        """What the next state of a reload begins with: the store, the encoded value of the snapshot handler (empty when
        there is none), and encoded faults of that handler. Raises SandboxError `sandbox.state_gone`.
        """
        if not self.alive:
            raise SandboxError("sandbox.state_gone", "the state was closed after a fault")
        try:
            value, faults = self._hand_over(float(now))
        except lua55.LuaError as problem:
            raise SandboxError(
                "sandbox.state_gone", f"the state cannot be handed over: {problem}"
            ) from problem
        return self.snapshot(), value or b"", faults or b""

    def _call(self, function: Any, *arguments: float | bytes | int | None) -> StateResult:
        if not self.alive:
            return self._dead("sandbox.state_gone", "the state was closed after a fault", 0.0)
        if self._used(total=True) > self._most:
            self._runtime.gccollect()
            if self._used(total=True) > self._most:
                limit = self._most - self._base
                return self._dead(
                    "sandbox.memory_exceeded", f"{limit >> 10} KiB of memory are full", float(limit)
                )
        started = time.perf_counter()
        try:
            commands, faults, store, instructions, wake = function(*arguments)
        except lua55.LuaError as problem:
            # our own Lua failed, which happens when no memory is left even for the report
            code = "sandbox.memory_exceeded" if isinstance(problem, MemoryError) else "sandbox.state_failed"
            return self._dead(code, str(problem)[:500], float(self._most - self._base))
        took = time.perf_counter() - started
        used = max(0, self._used(total=True) - self._base)
        return StateResult(
            commands or b"", faults or b"", store, int(instructions), took, used, float(wake), True
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
        self._load = self._deliver = self._snapshot = self._add_source = self._hand_over = None
        self._used = self._runtime = None
