"""What a broken-out worker would send or do: the guards of the host against its frames and its silence."""

from __future__ import annotations

import asyncio
import math
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec

from sandbox.errors import SandboxError
from sandbox.limits import ProcessLimits
from sandbox.wire import FaultInfo, LoadOut, Out, encode
from tests.sandbox.conftest import ALL, make_spec
from tests.sandbox.guards import HostGuard, refused

FOOTPRINT = (15.0, 20.0, 15.0)
FAR = [99.0, 0.0, 1.0]


def outbox(
    *given: Any, limit: int = 64 << 10, footprint: tuple[float, ...] = FOOTPRINT
) -> Callable[[ModuleType], bool]:
    """An attack by one outbox, asked of `wire.decode_commands`."""

    def attack(module: ModuleType) -> bool:
        blob = msgspec.msgpack.encode(given)
        return refused(module.decode_commands, blob, limit=limit, footprint=footprint, capabilities=ALL)

    return attack


def report(count: int = 1, **changes: Any) -> Callable[[ModuleType], bool]:
    """An attack by a report of faults, asked of `wire.decode_faults`."""
    row = msgspec.structs.asdict(FaultInfo("tick", "sandbox.script_error", "x")) | changes
    return lambda module: refused(module.decode_faults, encode([row] * count))


def figures(module: ModuleType) -> bool:
    """An attack by a result whose CPU time is no number."""
    body = encode(LoadOut(Out(2, b"", b"", None, 5, math.nan, 1000, 1.0, True)))
    return refused(module.decode_from_worker, body)


def culprit_of_an_outbox(module: ModuleType) -> bool:
    """Whether a wrong outbox is laid at the door of its instance."""
    spec = make_spec("")
    try:
        module.check_out(spec, 1, Out(1, b"\x91\xa1x", b"", None, 0, 0.0, 0, 1.0, True))
    except SandboxError as problem:
        return problem.facts.get("instance") == 1
    return False


def sources(module: ModuleType) -> bool:
    """A package with more Lua than allowed."""
    return refused(module.check_sources, make_spec("x" * (257 << 10)))


CHILD = """#!{python} -IS
import mmap, os, struct, sys, time
socket, mark = [int(word) for word in sys.argv if word.isdigit()]
page = mmap.mmap(mark, mmap.PAGESIZE)
def note(instance, allowed):
    page[:32] = struct.pack("<qddd", instance, time.monotonic(), time.process_time(), allowed)
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
{body}
"""
FIRST_INSTANCE = 7


def child(
    body: str, limits: ProcessLimits | None = None, said: str = "", **constants: float
) -> Callable[[ModuleType], bool]:
    """An attack by a worker that does `body`, until it ends by itself. It is stopped when the death that the host tells
    begins with `said`: the code, the culprit and the reason."""

    async def watch(module: ModuleType) -> str:
        died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        worker = module.WorkerProcess(
            limits or ProcessLimits(),
            lambda _worker, _message: None,
            lambda _worker, culprit, code, reason: died.set_result(f"{code} {culprit} {reason}"),
        )
        worker.instances.add(FIRST_INSTANCE)
        try:
            return await asyncio.wait_for(died, 30)
        finally:
            worker.close()
            await worker.reap()

    def attack(module: ModuleType) -> bool:
        vars(module).update(constants)
        with TemporaryDirectory() as name:
            program = Path(name) / "child"
            program.write_text(CHILD.format(python=sys.executable, body=body))
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            with patch.object(sys, "executable", str(program)):
                return asyncio.run(watch(module)).startswith(said)

    return attack


def unasked_answer(module: ModuleType) -> bool:
    """An answer that nobody awaits."""
    return refused(module.WorkerProcess.answered, SimpleNamespace(awaited=0))


FORM = "a lie of a broken-out worker reaches players, as the host believes it"
WORKER_GUARDS = (
    HostGuard(
        "finite figures",
        "wire.py",
        "decode_from_worker",
        "NaN in the CPU account: the instance is never throttled again",
        "if not (0.0 <= out.cpu_s < math.inf and not math.isnan(out.wake) and out.instructions >= 0):",
        "if False:",
        figures,
    ),
    HostGuard(
        "bytes of commands",
        "wire.py",
        "decode_commands",
        "one worker fills the host's time with one outbox",
        "if len(blob) > limit + 16:",
        "if False:",
        outbox(*[["log", "x" * 1000]] * 100),
    ),
    HostGuard(
        "number of commands",
        "wire.py",
        "decode_commands",
        "one worker fills the host's time with one outbox",
        "if len(commands) > COMMANDS_MAX:",
        "if False:",
        outbox(*[["remove", 1]] * 5000),
    ),
    HostGuard(
        "commands are checked",
        "wire.py",
        "decode_commands",
        FORM,
        "        check_command(command, footprint, capabilities)\n",
        "        pass\n",
        outbox(["teleport", 1, FAR, None]),
    ),
    HostGuard(
        "number of reports",
        "wire.py",
        "decode_faults",
        "one worker fills log, notices and strikes with one answer",
        "if len(faults) > 16 or len(blob) > 64 << 10:",
        "if False:",
        report(count=20),
    ),
    HostGuard(
        "figures of reports",
        "wire.py",
        "decode_faults",
        "NaN and numbers above 64 bits reach recordings and the console",
        "        if not (\n            finite and",
        "        if False and (\n            finite and",
        report(used=math.nan),
    ),
    HostGuard(
        "culprit of an outbox",
        "answers.py",
        "check_out",
        "the kill for a lie is counted against nobody",
        "raise SandboxError(problem.code, problem.message, instance=spec.instance) from problem",
        "raise",
        culprit_of_an_outbox,
    ),
    HostGuard(
        "size of sources",
        "answers.py",
        "check_sources",
        "the frame of a load is above what a worker takes",
        "if size > limit:",
        "if False:",
        sources,
    ),
    HostGuard(
        "length of a frame",
        "process.py",
        "_parse",
        "a worker makes the host wait for gigabytes, and keep them",
        "if size > MAX_FRAME:",
        "if False:",
        child('os.write(socket, struct.pack("<I", 1 << 21))', said="sandbox.bad_frame"),
    ),
    HostGuard(
        "watchdog",
        "process.py",
        "_look",
        "where a guard of Lua fails, all placements of the worker stand still for good",
        "if not wall <= allowed and self._cpu_since(cpu_then, wall) > allowed:",
        "if False:",
        child(f"note({FIRST_INSTANCE}, 0.2); burn(1.5)", said=f"sandbox.hung {FIRST_INSTANCE}"),
    ),
    HostGuard(
        "bound of the note",
        "process.py",
        "_look",
        "a broken-out worker notes that it may run for a year",
        "allowed = min(allowed, ALLOWED_MAX_S)",
        "pass",
        child(f"note({FIRST_INSTANCE}, 1e9); burn(1.5)", said="sandbox.hung", ALLOWED_MAX_S=0.2),
    ),
    HostGuard(
        "bound of waiting",
        "process.py",
        "_look",
        "a worker that waits for ever is never replaced",
        "if wall > self._limits.starved_s:",
        "if False:",
        child(
            f"note({FIRST_INSTANCE}, 1e9); time.sleep(1.5)", ProcessLimits(starved_s=0.3), said="sandbox.hung"
        ),
    ),
    HostGuard(
        "bound of silence",
        "process.py",
        "_look",
        "a broken-out worker that notes nobody is never replaced",
        "elif now - self._heard > SILENCE_S:",
        "elif False:",
        child("time.sleep(1.5)", said="sandbox.worker_died 0 the worker said nothing", SILENCE_S=0.3),
    ),
    HostGuard(
        "culprits are its own",
        "process.py",
        "_fail",
        "a worker has a placement of another worker paused",
        "culprit = noted if noted in self.instances else 0",
        "culprit = noted",
        child("note(99, 1.0)", said="sandbox.worker_died 0"),
    ),
    HostGuard(
        "answers are awaited",
        "process.py",
        "answered",
        "answers that nobody asked for are taken for others",
        "if self.awaited <= 0:",
        "if False:",
        unasked_answer,
    ),
)
