"""Steps of a recording in words for people."""

from __future__ import annotations

import msgspec

from sandbox.commands import Command
from sandbox.errors import SandboxError
from sandbox.events import Event, Moved, unpack_positions

_decode_events = msgspec.msgpack.Decoder(list[Event]).decode


def read_events(events: bytes) -> tuple[Event, ...]:
    """The events of a step. Raises SandboxError `recording.damaged`."""
    if not events:
        return ()
    try:
        return tuple(_decode_events(events))
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise SandboxError(
            "recording.damaged", f"the events of a step cannot be read: {problem}"
        ) from problem


def show_event(event: Event) -> str:
    """One event for people: its name and its fields."""
    if isinstance(event, Moved):
        where = unpack_positions(event.packed)
        text = ", ".join(f"{player} at ({x:.2f}, {y:.2f}, {z:.2f})" for player, (x, y, z) in where.items())
        return f"moved {text}"
    fields = " ".join(f"{name}={value!r}" for name, value in msgspec.structs.asdict(event).items())
    return f"{event.__struct_config__.tag} {fields}".strip()


def show_command(command: Command) -> str:
    """One command for people."""
    fields = msgspec.structs.asdict(command)
    text = " ".join(f"{name}={value!r}" for name, value in fields.items() if value is not msgspec.UNSET)
    return f"{command.__struct_config__.tag} {text}"


def array_length(events: bytes) -> int:
    """How many items a MessagePack array has, by its head."""
    if not events:
        return 0
    kind = events[0]
    if 0x90 <= kind <= 0x9F:
        return kind & 0x0F
    return int.from_bytes(events[1 : 3 if kind == 0xDC else 5], "big")
