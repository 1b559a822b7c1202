"""Whatever a worker sends is either a sound message or one clear refusal."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import SandboxError
from sandbox.wire import LoadOut, Out, Outs, decode_commands, decode_faults, decode_from_worker, encode

FOOTPRINT = (15.0, 20.0, 15.0)
ALL = frozenset(
    {"world.build", "ui", "match", "reward.claim", "board", "bus", "chat.say", "avatar.move", "avatar.effect"}
)

plain: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), 1 << 63)
    | st.floats()
    | st.text(max_size=80)
    | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6),
    max_leaves=30,
)
NAMES = (
    *(
        "spawn",
        "set",
        "remove",
        "say",
        "effect",
        "emote",
        "teleport",
        "ui_show",
        "ui_update",
        "ui_close",
        "toast",
    ),
    *(
        "match",
        "score",
        "board_submit",
        "board_reset",
        "claim",
        "bus_send",
        "log",
        "ready",
        "out",
        "done",
        "unloaded",
    ),
)


def read(blob: bytes, capabilities: frozenset[str] = ALL) -> Any:
    return decode_commands(blob, limit=64 << 10, footprint=FOOTPRINT, capabilities=capabilities)


def refused(*commands: Any, capabilities: frozenset[str] = ALL) -> str:
    with pytest.raises(SandboxError) as caught:
        read(msgspec.msgpack.encode(commands), capabilities)
    assert caught.value.code == "sandbox.bad_outbox"
    return caught.value.message


def judged(decode: Callable[[bytes], Any], data: bytes) -> None:
    """Decoding ends in a value or in one of the two refusals; anything else fails the test."""
    with suppress(SandboxError):
        decode(data)


@given(st.binary(max_size=300))
def test_random_bytes_never_pass_for_more_than_an_error(data: bytes) -> None:
    for decode in (decode_from_worker, read, decode_faults):
        judged(decode, data)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(plain, max_size=10)), max_size=5))
def test_well_formed_nonsense_never_passes_for_more_than_an_error(rows: list[tuple[str, list[Any]]]) -> None:
    messages = [[name, *arguments] for name, arguments in rows]
    for blob in map(msgspec.msgpack.encode, [messages, *messages]):
        for decode in (decode_from_worker, read, decode_faults):
            judged(decode, blob)


@given(st.binary(max_size=40), st.integers(0, 60))
def test_a_damaged_frame_is_refused_or_sound(noise: bytes, at: int) -> None:
    body = encode(Outs(1, [Out(2, b"\x90", b"", None, 5, 0.1, 1000, math.inf, True)], False))
    damaged = body[:at] + noise + body[at + len(noise) :]
    judged(decode_from_worker, damaged)


AT = [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    "command",
    [
        ["spawn", 1, "a", {"at": [16.0, 0.0, 1.0]}],
        ["spawn", 1, "a", {"at": [math.nan, 0.0, 1.0]}],
        ["spawn", 1, "a", {"at": [math.inf, 0.0, 1.0]}],
        ["spawn", 1, "a", {"at": [1.0, -0.1, 1.0]}],
        ["spawn", 1, "a", {}],
        ["spawn", 0, "a", {"at": AT}],
        ["spawn", 1, "", {"at": AT}],
        ["spawn", 1, "a" * 65, {"at": AT}],
        ["spawn", 1, "a", {"at": AT, "script": "x"}],
        ["spawn", 1, "a", {"at": AT, "collider": True}],
        ["spawn", 1, "a", {"at": AT, "scale": math.nan}],
        ["spawn", 1, "a", {"at": AT, "scale": 1e9}],
        ["spawn", 1, "a", {"at": AT, "color": "red"}],
        ["spawn", 1, "a", {"at": AT, "area": {}}],
        ["spawn", 1, "a", {"at": AT, "area": {"radius": math.nan}}],
        ["spawn", 1, "a", {"at": AT, "state": {"x": math.inf}}],
        ["spawn", 1, "a", {"at": AT, "mover": {"to": [99.0, 0.0, 0.0]}}],
        ["spawn", 1, "a", {"at": AT, "tags": ["t"] * 9}],
        ["spawn", 1, "a", {"at": AT}, "more"],
        ["teleport", 1, [0.0, 0.0, 99.0], None],
        ["say", 1, "x" * 281],
        ["effect", "x", None, None, None, None, 1.0],
        ["effect", "x", 1, AT, None, None, 1.0],
        ["effect", "x", 1, None, None, None, math.nan],
        ["match", 1, "running", math.nan, "", "", []],
        ["match", 1, "paused", 1.0, "", "", []],
        ["match", 1, "running", 1.0, "", "", [1] * 65],
        ["score", 1, 1, 1 << 41],
        ["claim", 1, 1, "daily", "1e3", 0, ""],
        ["claim", 1, 1, "daily", "-1", 0, ""],
        ["claim", 1, 1, "daily", 1.5, 0, ""],
        ["claim", 1, 1, "daily", "0.1234567890123456789", 0, ""],
        ["bus_send", "ada/game:x", [math.nan]],
        ["bus_send", "no topic", 1],
        ["ui_update", 1, "x", {"value": math.nan}],
        ["transfer", 1, 2],
        "spawn",
    ],
    ids=str,
)
def test_a_hostile_command_is_refused(command: Any) -> None:
    refused(command)


def test_a_command_without_its_capability_is_refused() -> None:
    assert "reward.claim" in refused(["claim", 1, 1, "daily", "1", 0, ""], capabilities=frozenset({"ui"}))
    assert "avatar.effect" in refused(
        ["effect", "x", 1, None, None, None, 1.0], capabilities=frozenset({"world.build"})
    )


def test_deep_and_wide_trees_are_refused() -> None:
    deep: dict[str, Any] = {"kind": "text"}
    for _ in range(9):
        deep = {"kind": "column", "children": [deep]}
    refused(["ui_show", 1, "p", deep])
    row = {"kind": "row", "children": [{"kind": "text"}] * 100}
    refused(["ui_show", 1, "p", {"kind": "column", "children": [row] * 3}])
    nested: Any = 1
    for _ in range(20):
        nested = [nested]
    refused(["bus_send", "a/b:c", nested])


def test_too_many_or_too_large_commands_are_refused() -> None:
    refused(*([["remove", 1]] * 5000))
    with pytest.raises(SandboxError, match="bytes of commands"):
        read(b"\x90" + b"x" * (65 << 10))


def test_figures_that_are_not_finite_are_refused() -> None:
    with pytest.raises(SandboxError, match="finite"):
        decode_from_worker(encode(LoadOut(Out(2, b"", b"", None, 5, math.nan, 1000, 1.0, True))))
    assert decode_from_worker(encode(Outs(4, [], True))) == Outs(4, [], True)
