"""What crosses between the host and a worker, and how all of it is checked.

Two levels of MessagePack. Frames (`length` as 4 bytes little-endian, then one message) run over the socket.
The events of an instance and its commands travel inside a frame as bytes that only the Lua state and the host
read, so that the worker need not look. A worker is hostile: everything from it is decoded by these structs and
`check_command`.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from sandbox.commands import Command, check_command
from sandbox.errors import SandboxError
from sandbox.limits import DEFAULT_LIMITS, Limits

MAX_FRAME = 1 << 20
FRAME_HEAD = struct.Struct("<I")
COMMANDS_MAX = 4096
LINE_MAX, INT_MAX = 1 << 31, 1 << 63
"""Bounds of the figures in fault reports: lines of a source, and what Lua and the recordings can count."""


@dataclass(frozen=True, slots=True)
class InstanceSpec:
    """All that a state is made of. Equal specs and equal events give equal outboxes.

    `now` is the host's clock in UTC seconds, `footprint` the room in metres (x, height, z), `store` the last
    snapshot (empty when there is none), `texts` maps a locale to its translations.
    """

    instance: int
    package: str
    version: str
    digest: str
    sources: Mapping[str, bytes]
    entry: str
    settings: Mapping[str, str | int | float | bool]
    capabilities: frozenset[str]
    seed: int
    now: float
    footprint: tuple[float, float, float]
    facts: Mapping[str, str | int | float | bool]
    store: bytes = b""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    language: str = "en"
    limits: Limits = DEFAULT_LIMITS
    probation: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What one batch cost: Lua instructions, seconds of CPU, bytes of Lua memory after it."""

    instructions: int
    cpu_s: float
    memory_bytes: int


class FaultInfo(msgspec.Struct, frozen=True):
    """One error of creators' code, as the state reports it. `event` is the handler that ran."""

    event: str
    code: str
    message: str
    file: str = ""
    line: int = 0
    limit: float = 0.0
    used: float = 0.0
    trace: str = ""
    run: int = 0
    left: int = 0
    """Where the state was stopped: the handler's number in its batch (negative where memory was full) and the
    instructions it had left. CPU time and memory are the machine's, so a replay stops at this very point instead of
    measuring again."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Commands of one batch of one instance, checked in form; ownership and pools are for the host to check.

    `generation` counts the states of the instance; the first outbox of a state is `fresh`: all that an earlier
    one had shown is gone, and match and claim numbers begin at 1 again. `error` is the first error of creators'
    code in the batch; commands given before an error stand. `store` is a new snapshot, if one was due. `digest`
    is `outbox_digest`.
    """

    instance: int
    commands: tuple[Command, ...]
    used: Usage
    error: FaultInfo | None = None
    store: bytes | None = None
    generation: int = 1
    fresh: bool = False
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Fault:
    """An instance misbehaved. With `gone` its state no longer exists.

    Codes: `sandbox.script_error`, `sandbox.budget_exceeded`, `sandbox.memory_exceeded`, `sandbox.hung`,
    `sandbox.worker_died`, `sandbox.bad_outbox`, `sandbox.restarted` (a neighbour's fault), `sandbox.given_up`
    (nobody's fault that is known), `sandbox.throttled`,
    `sandbox.events_dropped`, and any code that the API raises.
    """

    instance: int
    code: str
    message: str
    file: str = ""
    line: int = 0
    limit: float = 0.0
    used: float = 0.0
    event: str = ""
    trace: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """An instance runs. `seconds` is the time from the call of `load` to the answer."""

    instance: int
    outbox: Outbox
    seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Step:
    """One batch of one instance as it went in, and the digest of what came out: the unit of a recording.

    `events` is the encoded array as the state got it, empty when only timers ran; the load is the first step of a
    generation and has none. `now` is the host's clock in UTC seconds. `digest` is `outbox_digest`. `cut` is the
    `(run, left)` of the fault that stopped the batch, if one did.
    """

    instance: int
    generation: int
    now: float
    events: bytes
    digest: bytes
    cut: tuple[int, int] | None = None


class Recorder(Protocol):
    """Gets all that is needed to run an instance again. Called in the loop, so it must be quick and never raise."""

    def began(self, spec: InstanceSpec, generation: int, step: Step) -> None:
        """A state was loaded; `spec.store` and `spec.now` are what it really got."""

    def stepped(self, step: Step) -> None:
        """A batch was answered."""

    def ended(self, instance: int, generation: int, why: str) -> None:
        """The state is gone: unloaded, killed, faulted or replaced."""


def outbox_digest(commands: bytes, faults: Sequence[FaultInfo], store: bytes | None) -> bytes:
    """SHA-256 over commands, store, and what is the same on every machine of each fault."""
    told = [(fault.event, fault.code, fault.file, fault.line) for fault in faults]
    return hashlib.sha256(encode((commands, store, told))).digest()


# Host to worker -------------------------------------------------------------------------------------------------------


class Load(msgspec.Struct, tag="load", array_like=True, frozen=True):
    """Start a state; `configuration` is what `encode_configuration` made. A reload gives its first
    events; where it fails the state that is there stays."""

    instance: int
    configuration: bytes
    memory_bytes: int
    sources: dict[str, bytes]
    entry: str
    store: bytes
    now: float
    reload: bool
    first: bytes


class Batch(msgspec.Struct, tag="batch", array_like=True, frozen=True):
    """Deliver events: (instance, encoded array of events) each."""

    serial: int
    now: float
    items: list[tuple[int, bytes]]


class HandOver(msgspec.Struct, tag="hand_over", array_like=True, frozen=True):
    """Say what the next state of a reload begins with."""

    instance: int
    now: float


class Unload(msgspec.Struct, tag="unload", array_like=True, frozen=True):
    """Take the last snapshot and drop the state."""

    instance: int


ToWorker = Load | Batch | HandOver | Unload

# Worker to host -------------------------------------------------------------------------------------------------------


class Ready(msgspec.Struct, tag="ready", array_like=True, frozen=True):
    """The worker is jailed and waits; what each step of the jail said."""

    jail: dict[str, str]


class Out(msgspec.Struct, array_like=True, frozen=True):
    """The result of a load or of a batch for one instance."""

    instance: int
    commands: bytes
    faults: bytes
    store: bytes | None
    instructions: int
    cpu_s: float
    memory_bytes: int
    wake: float
    alive: bool


class Outs(msgspec.Struct, tag="outs", array_like=True, frozen=True):
    """Results of a batch, in its order; more follow unless `done`."""

    serial: int
    items: list[Out]
    done: bool


class LoadOut(msgspec.Struct, tag="load_out", array_like=True, frozen=True):
    """The result of a load."""

    out: Out


class Handed(msgspec.Struct, tag="handed", array_like=True, frozen=True):
    """The store, the encoded value of the snapshot handler, and its faults."""

    instance: int
    store: bytes
    value: bytes
    faults: bytes


class Unloaded(msgspec.Struct, tag="unloaded", array_like=True, frozen=True):
    """The state is gone; its last snapshot, or None when it had none to give."""

    instance: int
    store: bytes | None


FromWorker = Ready | Outs | LoadOut | Handed | Unloaded

encode = msgspec.msgpack.Encoder().encode
decode_to_worker = msgspec.msgpack.Decoder(ToWorker).decode
_decode_from_worker = msgspec.msgpack.Decoder(FromWorker)
_decode_commands = msgspec.msgpack.Decoder(tuple[Command, ...])
_decode_faults = msgspec.msgpack.Decoder(tuple[FaultInfo, ...])


def frame(message: ToWorker | FromWorker) -> bytes:
    """One message with its length in front."""
    body = encode(message)
    return FRAME_HEAD.pack(len(body)) + body


def decode_from_worker(body: bytes) -> FromWorker:
    """Raises SandboxError `sandbox.bad_frame` for anything that is not exactly one of our messages."""
    try:
        message: FromWorker = _decode_from_worker.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        raise SandboxError(
            "sandbox.bad_frame", f"a worker sent a frame that is no message: {problem}"
        ) from problem
    outs = (
        message.items if isinstance(message, Outs) else [message.out] if isinstance(message, LoadOut) else ()
    )
    for out in outs:
        if not (0.0 <= out.cpu_s < math.inf and not math.isnan(out.wake) and out.instructions >= 0):
            raise SandboxError("sandbox.bad_frame", "a worker sent figures that are not finite or below 0")
    return message


def decode_commands(
    blob: bytes, *, limit: int, footprint: tuple[float, float, float], capabilities: frozenset[str]
) -> tuple[Command, ...]:
    """Commands of an outbox, every field checked.

    Raises SandboxError `sandbox.bad_outbox` for a wrong form, a size above `limit` bytes, a number that is not finite,
    a position outside `footprint` (metres) or a command whose capability was not granted.
    """
    if not blob:
        return ()
    if len(blob) > limit + 16:
        raise SandboxError("sandbox.bad_outbox", f"{len(blob)} bytes of commands, at most {limit}")
    try:
        commands = _decode_commands.decode(blob)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        raise SandboxError("sandbox.bad_outbox", f"a command has a wrong form: {problem}") from problem
    if len(commands) > COMMANDS_MAX:
        raise SandboxError("sandbox.bad_outbox", f"{len(commands)} commands, at most {COMMANDS_MAX}")
    for command in commands:
        check_command(command, footprint, capabilities)
    return commands


def decode_faults(blob: bytes) -> tuple[FaultInfo, ...]:
    """Errors of creators' code.

    Raises SandboxError `sandbox.bad_outbox` for a wrong form, more than 16 reports or 64 KiB, or figures out of range.
    """
    if not blob:
        return ()
    try:
        faults = _decode_faults.decode(blob)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        raise SandboxError("sandbox.bad_outbox", f"a fault report has a wrong form: {problem}") from problem
    if len(faults) > 16 or len(blob) > 64 << 10:
        raise SandboxError("sandbox.bad_outbox", "a fault report is too large")
    for fault in faults:
        # written so that a NaN fails too
        finite = 0.0 <= fault.limit < math.inf and 0.0 <= fault.used < math.inf
        if not (
            finite and 0 <= fault.line < LINE_MAX and abs(fault.run) < INT_MAX and abs(fault.left) < INT_MAX
        ):
            raise SandboxError("sandbox.bad_outbox", "a fault report with figures that are out of range")
    return faults
