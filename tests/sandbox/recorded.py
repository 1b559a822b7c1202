"""What the tests of recordings share: a recorder in memory, and games driven in this process."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sandbox.events import Enter, Event, Moved, Start, pack_positions
from sandbox.recording import BlockWriter, Code, Ended, Reader, Row, encode_row, header_of, row_of
from sandbox.runtime import State, StateResult, encode_configuration
from sandbox.wire import InstanceSpec, Step, decode_faults, outbox_digest

SESSION = "7-testtest22"


@dataclass
class Tape:
    """The rows of one state, driven here as a worker would."""

    spec: InstanceSpec
    rows: list[Row] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    alive: bool = True

    def __post_init__(self) -> None:
        spec = self.spec
        self.state = State(encode_configuration(spec), spec.limits.memory_bytes)
        self.now = spec.now
        self._keep(b"", self.state.load(spec.sources, spec.entry, spec.store, spec.now))
        self.tell(Start())

    def tell(self, *events: Event) -> None:
        """One batch."""
        raw = msgspec.msgpack.encode(events) if events else b""
        self._keep(raw, self.state.deliver(self.now, raw))

    def advance(self, seconds: float, *events: Event) -> None:
        self.now += seconds
        self.tell(*events)

    def _keep(self, events: bytes, result: StateResult) -> None:
        faults = decode_faults(result.faults)
        digest = outbox_digest(result.commands, faults, result.store)
        cut = next(((fault.run, fault.left) for fault in faults if fault.run), None)
        self.rows.append(row_of(Step(1, 1, self.now, events, digest, cut)))
        self.commands.append(result.commands)
        self.alive = result.alive

    def code(self) -> Code:
        return Code.of(self.spec)


def written(spec: InstanceSpec, rows: Sequence[Row], *, block: int = 100, end: bool = True) -> bytes:
    """A recording of these rows as a file."""
    name, _ = Code.of(spec).pack()
    writer = BlockWriter()
    data = writer.begin(header_of(spec, name, 1, SESSION, 7))
    for start in range(0, len(rows), block):
        data += writer.rows([encode_row(row) for row in rows[start : start + block]])
    return data + (writer.end(Ended("stopped", spec.now, len(rows), 0)) if end else b"")


def read(data: bytes) -> tuple[Reader, list[Row]]:
    reader = Reader(io.BytesIO(data))
    return reader, [row for block in reader.blocks() for row in block.rows]


def crowd(seed: int, count: int) -> Iterable[tuple[float, list[Event]]]:
    """Players who come in and walk about: seconds to wait, and events."""
    dice = random.Random(seed)
    yield 0.05, [Enter(n, f"Player {n}", at=(1.0 + n, 0.0, 1.0)) for n in range(1, count + 1)]
    while True:
        at = {n: (dice.uniform(0, 15), 0.0, dice.uniform(0, 15)) for n in range(1, count + 1)}
        yield 0.1, [Moved(pack_positions(at))]


def played(spec: InstanceSpec, steps: Iterable[Any]) -> Tape:
    tape = Tape(spec)
    for seconds, events in steps:
        tape.advance(seconds, *events)
    return tape
