"""Takes in the faults of running placements: equal ones are counted together, so that an error loop costs one write
a second, and what may pause a placement is written at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from host.events import EventBus, InstanceFaulted
from host.placements.faults import FaultNote, counts
from host.play.backstage import Backstage
from sandbox.errors import SandboxError
from sandbox.wire import Fault

log = logging.getLogger(__name__)
QUIET_S = 1.0
KINDS = 16
"""Different faults of a placement between two writes; of more only the number is kept."""
MORE = "play.more_faults"


def load_fault(instance: int, error: SandboxError) -> Fault:
    """The fault of an instance that did not start."""
    facts = error.facts
    return Fault(
        instance, error.code, error.message, file=str(facts.get("file", "")), line=int(facts.get("line", 0)),
        limit=float(facts.get("limit", 0.0)), used=float(facts.get("used", 0.0)), event="load", gone=True,
    )  # fmt: skip


class Faults:
    """The faults that wait to be written. Everything runs in the loop.

    Args:
        spawn: runs a coroutine beside the tick and logs its failure.
        clock: the host's clock (seconds, UTC).
    """

    def __init__(
        self,
        backstage: Backstage,
        bus: EventBus,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        clock: Callable[[], float],
    ) -> None:
        self._backstage = backstage
        self._bus = bus
        self._spawn = spawn
        self._clock = clock
        self._waiting: dict[int, dict[tuple[str, str, int, str], FaultNote]] = {}
        self._written: dict[int, float] = {}

    def add(self, placement: int, fault: Fault) -> None:
        """Take in a fault; the first of its kind is told to who listens for InstanceFaulted, and to the log."""
        now = self._clock()
        note = FaultNote(
            fault.code, fault.message, now, now, 1, fault.file, fault.line, fault.event, fault.trace, fault.limit,
            fault.used,
        ).bounded()  # fmt: skip
        waiting = self._waiting.setdefault(placement, {})
        if note.kind not in waiting and len(waiting) >= KINDS and not counts(note.code):
            note = FaultNote(MORE, "more kinds of faults than are kept in one second", now, now)
        known = waiting.get(note.kind)
        waiting[note.kind] = known.again(note) if known else note
        if known is None:
            self._tell(placement, note)
        if counts(note.code) or abs(now - self._written.get(placement, 0.0)) >= QUIET_S:
            self._written[placement] = now
            self._spawn(self._write(placement))

    def flush(self) -> None:
        """Write what still waits; call it every second and at the end."""
        self._written.clear()
        for placement in list(self._waiting):
            self._spawn(self._write(placement))

    def _tell(self, placement: int, note: FaultNote) -> None:
        log.info("placement %d: %s %s %s", placement, note.code, note.message, note.place)
        self._bus.publish(
            InstanceFaulted(
                at=note.at,
                placement=placement,
                code=note.code,
                message=note.message,
                place=note.place,
                handler=note.handler,
            )
        )

    async def _write(self, placement: int) -> None:
        waiting = self._waiting.pop(placement, None)
        if waiting:
            await self._backstage.note_faults(placement, list(waiting.values()))
