"""Answers of workers, which are hostile: checked in form, and told to whoever records."""

from __future__ import annotations

from dataclasses import replace

from sandbox.errors import SandboxError
from sandbox.instance import Instance, Sent
from sandbox.wire import (
    Fault,
    FaultInfo,
    InstanceSpec,
    Load,
    Out,
    Outbox,
    Recorder,
    Step,
    Usage,
    decode_commands,
    decode_faults,
    outbox_digest,
)

QUIET = outbox_digest(b"", (), None)
"""The digest of nothing, which is what most batches give."""


def check_sources(spec: InstanceSpec) -> None:
    """Raises SandboxError `sandbox.source_too_large`."""
    size, limit = sum(map(len, spec.sources.values())), spec.limits.source_bytes
    if size > limit:
        text = f"{size} bytes of Lua, at most {limit}"
        raise SandboxError("sandbox.source_too_large", text, limit=limit, used=size)


def check_spec(spec: InstanceSpec, *, taken: bool) -> None:
    """Raises SandboxError `sandbox.already_loaded`, `sandbox.bad_instance` or `sandbox.source_too_large`."""
    number = spec.instance
    if taken:
        raise SandboxError("sandbox.already_loaded", f"instance {number} runs already", instance=number)
    if not 0 < number < 1 << 53:
        raise SandboxError("sandbox.bad_instance", f"instance numbers are from 1 to 2^53, got {number}")
    check_sources(spec)


def load_message(
    spec: InstanceSpec, configuration: bytes, store: bytes, now: float, first: bytes | None = None
) -> Load:
    """What a worker needs to make a state; with `first` events it takes the place of the one that runs."""
    return Load(
        spec.instance, configuration, spec.limits.memory_bytes, dict(spec.sources), spec.entry, store, now,
        first is not None, first or b"",
    )  # fmt: skip


def check_out(spec: InstanceSpec, generation: int, out: Out) -> tuple[Outbox, tuple[FaultInfo, ...]]:
    """A result as an outbox, and its faults. Raises SandboxError `sandbox.bad_outbox`, naming the instance."""
    try:
        commands = decode_commands(
            out.commands,
            limit=spec.limits.outbox_bytes,
            footprint=spec.footprint,
            capabilities=spec.capabilities,
        )
        faults = decode_faults(out.faults)
    except SandboxError as problem:
        # the state checks all this itself, so whoever sends it has broken out
        raise SandboxError(problem.code, problem.message, instance=spec.instance) from problem
    quiet = not commands and not faults and out.store is None
    outbox = Outbox(
        instance=spec.instance,
        commands=commands,
        used=Usage(out.instructions, out.cpu_s, out.memory_bytes),
        error=faults[0] if faults else None,
        store=out.store,
        generation=generation,
        digest=QUIET if quiet else outbox_digest(out.commands, faults, out.store),
    )
    return outbox, faults


def with_place(fault: FaultInfo | Fault) -> str:
    """The message with file and line in front, where they are known."""
    return f"{fault.file}:{fault.line}: {fault.message}" if fault.file else fault.message


def problem_of(fault: FaultInfo) -> SandboxError:
    """What whoever loads is told."""
    return SandboxError(
        fault.code, with_place(fault), file=fault.file, line=fault.line, limit=fault.limit, used=fault.used
    )


def fault_of(number: int, info: FaultInfo, *, gone: bool) -> Fault:
    """The fault of an instance from the report of its state."""
    return Fault(
        number,
        info.code,
        info.message,
        info.file,
        info.line,
        info.limit,
        info.used,
        info.event,
        info.trace,
        gone,
    )


class Tap:
    """Tells a recorder, if there is one, what goes into an instance and what comes out."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder

    def began(self, instance: Instance, first: bytes, outbox: Outbox) -> None:
        """A state was loaded, with these first events."""
        instance.recorded = True
        if self._recorder is not None:
            spec = replace(instance.spec, store=instance.store, now=instance.loaded_at)
            step = Step(outbox.instance, instance.generation, instance.loaded_at, first, outbox.digest)
            self._recorder.began(spec, instance.generation, step)

    def stepped(self, instance: Instance, sent: Sent, outbox: Outbox, faults: tuple[FaultInfo, ...]) -> None:
        """A batch was answered."""
        if self._recorder is not None and instance.recorded:
            cut = next(((fault.run, fault.left) for fault in faults if fault.run), None)
            step = Step(outbox.instance, instance.generation, sent.now, sent.events, outbox.digest, cut)
            self._recorder.stepped(step)

    def ended(self, instance: Instance, why: str) -> None:
        """The state is gone, if it ran."""
        if self._recorder is not None and instance.recorded:
            instance.recorded = False
            self._recorder.ended(instance.spec.instance, instance.generation, why)
