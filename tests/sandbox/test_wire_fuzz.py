"""Mutated frames, outboxes and fault reports end in a sound value or in one SandboxError, also by a real socket."""

from __future__ import annotations

import asyncio
import math
import random
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.commands import NEEDS, Command, Effect
from sandbox.errors import SandboxError
from sandbox.limits import ProcessLimits
from sandbox.process import WorkerProcess
from sandbox.wire import (
    MAX_FRAME,
    FaultInfo,
    Handed,
    LoadOut,
    Out,
    Outs,
    Ready,
    Unloaded,
    decode_commands,
    decode_faults,
    decode_from_worker,
    encode,
)

FOOTPRINT = (15.0, 20.0, 15.0)
EVERY = frozenset(NEEDS.values()) | {"avatar.effect"}
SOME = frozenset({"world.build", "ui", "bus"})
MUTATIONS = 30_000
AT = [1.0, 0.0, 1.0]
PARTS: dict[str, Any] = {
    "at": AT,
    "yaw": 90.0,
    "scale": [1.0, 2.0, 1.0],
    "collider": {"shape": "box", "size": [1.0, 1.0, 1.0]},
    "area": {"radius": 2.0},
    "label": {"text": "x", "height": 2.0},
    "light": {"color": "#ffffff", "energy": 1.0, "range": 5.0},
    "sound": {"name": "x", "volume": 1.0, "range": 15.0, "loop": False},
    "state": {"a": 1.5, "b": True, "c": "x"},
    "tags": ["a", "b"],
    "clickable": {"prompt": "x", "verb": "use", "reach": 3.0},
    "mover": {"spin": 1.0, "bob": 0.0, "bob_seconds": 1.0, "to": AT, "seconds": 1.0},
}
NODE = {"kind": "column", "children": [{"kind": "slider", "value": 0.5, "min": 0.0, "max": 1.0, "step": 0.1}]}
COMMANDS: list[list[Any]] = [
    ["spawn", 1, "a", PARTS],
    ["set", 1, {"at": AT, "model": False, "scale": 2.0}],
    ["remove", 1],
    ["say", 1, "hello"],
    ["effect", "x", 1, None, "#ffffff", "s", 1.0],
    ["effect", "x", None, AT, None, None, 1.0],
    ["emote", 1, "wave"],
    ["teleport", 1, AT, 90.0],
    ["ui_show", 1, "main", NODE],
    ["ui_update", 1, "x", {"value": 0.5, "text": "x"}],
    ["ui_close", 1, "main"],
    ["toast", 1, "x", "good"],
    ["match", 1, "running", 10.0, "title", "unit", [1, 2]],
    ["score", 1, 1, 5],
    ["board_submit", "b", 1, 5],
    ["board_reset", "b"],
    ["claim", 1, 1, "daily", "1.5", 1, "won"],
    ["bus_send", "a/b:c", {"x": [1.5, {"y": None}]}],
    ["log", "x"],
]
OUT = Out(2, b"\x90", b"", b"store", 5, 0.1, 1000, math.inf, True)
FAULTS = (FaultInfo("tick", "sandbox.budget_exceeded", "text", "init.lua", 3, 1e6, 1e6, "trace", 1, 5),)
MESSAGES = [
    Ready({"seccomp": "ok"}),
    Outs(1, [OUT, OUT], True),
    LoadOut(OUT),
    Handed(1, b"store", b"value", encode(FAULTS)),
    Unloaded(1, b"store"),
]
PIECES = (
    *(struct.pack(">Bd", 0xCB, value) for value in (math.nan, math.inf, -math.inf, 1e308, -0.0, 1e-300)),
    *(struct.pack(">Bf", 0xCA, value) for value in (math.nan, math.inf)),
    b"\xcf" + b"\xff" * 8,
    b"\xd3\x80" + b"\0" * 7,
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xc1",
    b"\xc0",
    b"\xc2",
    b"\xc3",
    b"\xa1\xff",
    b"\xd9\x02\xed\xa0",
    b"\xd7\xff" + b"\xff" * 8,
    b"\x91" * 200,
    b"\x81\x01" * 200,
)
"""Bits of MessagePack that are likely to be mishandled; the last two nest."""


def mutated(body: bytes, chance: random.Random) -> bytes:
    """`body` with one to four changes."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at : at + chance.choice((0, 1, 1, 5, 9))] = chance.choice(PIECES)
            case 2:
                del data[at : at + chance.randint(1, 8)]
            case 3:
                other = chance.randrange(len(data) + 1)
                data[at:at] = data[other : other + chance.randint(1, 20)]
            case 4 if at < len(data):
                data[at] = chance.randrange(256)
            case _:
                floats = [i for i, byte in enumerate(data[:-8]) if byte == 0xCB]
                if floats:
                    at = chance.choice(floats)
                    data[at : at + 9] = chance.choice(PIECES[:6])
    return bytes(data)


def read(blob: bytes, capabilities: frozenset[str]) -> tuple[Command, ...]:
    return decode_commands(blob, limit=64 << 10, footprint=FOOTPRINT, capabilities=capabilities)


def outcome(decode: Callable[[bytes], Any], data: bytes) -> Any:
    """The value, or None for a refusal. Any other error than SandboxError fails the test."""
    try:
        return decode(data)
    except SandboxError as refusal:
        if refusal.code not in ("sandbox.bad_frame", "sandbox.bad_outbox"):
            raise
        return None


def finite(value: Any) -> bool:
    """Whether all numbers in plain data are."""
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def inside(at: Any) -> bool:
    """Whether a position lies in the footprint."""
    return len(at) == 3 and all(0.0 <= x <= most for x, most in zip(at, FOOTPRINT, strict=True))


def assert_sound(commands: tuple[Command, ...], capabilities: frozenset[str]) -> None:
    """What `check_command` promises, asked in another way."""
    assert len(commands) <= 4096
    for command in commands:
        need = NEEDS.get(type(command))
        if isinstance(command, Effect):
            need = "avatar.effect" if command.player is not None else "world.build"
        assert need is None or need in capabilities
        values = msgspec.to_builtins(command)
        assert finite(values), values
        # an array: its name first, then the fields
        places = {"teleport": values[2:3], "effect": values[3:4]}.get(values[0], [])
        for parts in values[2:4] if values[0] in ("spawn", "set") else []:
            if isinstance(parts, dict):
                places = [*places, parts.get("at"), (parts.get("mover") or {}).get("to")]
        assert all(inside(at) for at in places if at is not None), values


@pytest.mark.parametrize("capabilities", [EVERY, SOME], ids=["every", "some"])
def test_a_mutated_outbox_is_sound_or_refused(capabilities: frozenset[str]) -> None:
    chance = random.Random(1)
    blobs = [encode([command]) for command in COMMANDS] + [encode(COMMANDS)]
    taken = 0
    for _ in range(MUTATIONS):
        commands = outcome(lambda data: read(data, capabilities), mutated(chance.choice(blobs), chance))
        if commands:
            taken += 1
            assert_sound(commands, capabilities)
    assert taken > MUTATIONS // 50  # else nothing would be asked of the sound ones


def test_a_mutated_frame_is_sound_or_refused() -> None:
    chance = random.Random(2)
    bodies = list(map(encode, MESSAGES))
    for _ in range(MUTATIONS):
        message = outcome(decode_from_worker, mutated(chance.choice(bodies), chance))
        outs = (
            message.items
            if isinstance(message, Outs)
            else [message.out]
            if isinstance(message, LoadOut)
            else []
        )
        for out in outs:
            assert math.isfinite(out.cpu_s)
            assert out.cpu_s >= 0
            assert out.instructions >= 0
            assert not math.isnan(out.wake)


def test_a_mutated_fault_report_is_sound_or_refused() -> None:
    chance = random.Random(3)
    body = encode(FAULTS)
    for _ in range(MUTATIONS):
        for fault in outcome(decode_faults, mutated(body, chance)) or ():
            assert math.isfinite(fault.limit)
            assert math.isfinite(fault.used)
            assert min(fault.limit, fault.used, fault.line) >= 0
            assert fault.line < 1 << 31
            assert max(abs(fault.run), abs(fault.left)) < 1 << 63


@pytest.mark.parametrize(
    "change",
    [
        {"limit": math.nan}, {"limit": math.inf}, {"limit": -1.0}, {"used": math.nan}, {"used": -math.inf},
        {"used": -0.5}, {"line": -1}, {"line": 1 << 31}, {"run": -(1 << 63)}, {"run": 1 << 63}, {"left": 1 << 63},
        {"left": -(1 << 63)},
    ],
    ids=str,
)  # fmt: skip
def test_a_fault_report_with_figures_out_of_range_is_refused(change: dict[str, Any]) -> None:
    assert decode_faults(encode(FAULTS)) == FAULTS
    report = [msgspec.structs.asdict(FAULTS[0]) | change]
    with pytest.raises(SandboxError, match="out of range"):
        decode_faults(encode(report))


@given(st.sampled_from(COMMANDS), st.integers(1, 8), st.data())
def test_a_field_of_another_kind_is_sound_or_refused(
    command: list[Any], field: int, data: st.DataObject
) -> None:
    scalars = (
        st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats() | st.text(max_size=8)
    )
    values = (
        scalars | st.lists(scalars, max_size=4) | st.dictionaries(st.text(max_size=8), scalars, max_size=3)
    )
    changed = [*command]
    changed[min(field, len(changed) - 1)] = data.draw(values)
    commands = outcome(lambda blob: read(blob, EVERY), msgspec.msgpack.encode([changed]))
    assert_sound(commands or (), EVERY)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_nested_data_never_exhausts_the_stack(noise: bytes, depth: int) -> None:
    for opening in (b"\x91", b"\x81\xa1x", b"\x81\x91"):
        blob = b"\x91\x93\xa8bus_send\xa5a/b:c" + opening * depth * 500 + noise
        assert_sound(outcome(lambda data: read(data, EVERY), blob[: 64 << 10]) or (), EVERY)


HEAD = struct.Struct("<I")
READY = encode(Ready({}))
LIES = {
    "nothing and gone": (b"", "sandbox.worker_died"),
    "half a head": (b"\x05\x00", "sandbox.worker_died"),
    "half a body": (HEAD.pack(100) + b"x" * 50, "sandbox.worker_died"),
    "an empty frame": (HEAD.pack(0), "sandbox.bad_frame"),
    "a length beyond the limit": (HEAD.pack(MAX_FRAME + 1), "sandbox.bad_frame"),
    "the largest length": (b"\xff\xff\xff\xff", "sandbox.bad_frame"),
    "a length one too short": (HEAD.pack(len(READY) - 1) + READY, "sandbox.bad_frame"),
    "a length one too long": (HEAD.pack(len(READY) + 1) + READY + b"\x00", "sandbox.bad_frame"),
    "a full frame of noise": (HEAD.pack(MAX_FRAME) + b"\xc1" * MAX_FRAME, "sandbox.bad_frame"),
    "noise after a sound frame": (
        HEAD.pack(len(READY)) + READY + HEAD.pack(4) + b"\xff" * 4,
        "sandbox.bad_frame",
    ),
}
CHILD = """#!{python} -IS
import os, pathlib, sys
data = pathlib.Path({data!r}).read_bytes()
descriptor = next(int(word) for word in sys.argv if word.isdigit())
while data:
    data = data[os.write(descriptor, data):]
"""


@pytest.mark.parametrize(("said", "code"), LIES.values(), ids=LIES.keys())
def test_a_child_that_lies_about_lengths_is_dropped(
    said: bytes, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_bytes(said)
    child = tmp_path / "child"
    child.write_text(CHILD.format(python=sys.executable, data=str(tmp_path / "data")))
    child.chmod(child.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("sandbox.process.sys.executable", str(child))

    async def run() -> str:
        died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        worker = WorkerProcess(
            ProcessLimits(),
            lambda _worker, _message: None,
            lambda _worker, _culprit, why, _text: died.set_result(why),
        )
        try:
            return await asyncio.wait_for(died, 20)
        finally:
            worker.close()
            await worker.reap()

    assert asyncio.run(run()) == code
