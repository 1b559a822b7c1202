"""When faults pause a placement, and what its holder and author are told. Pure.

Three strikes in ten minutes, or two kills of a worker in an hour, pause a placement. Budget and memory faults and kills
are strikes; an error of a script is none, as it harms its own creation alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

STRIKES: Final = 3
STRIKES_S: Final = 600.0
KILLS: Final = 2
KILLS_S: Final = 3600.0
TEXT_MAX: Final = 500
TRACE_MAX: Final = 2000
NAME_MAX: Final = 200

KILL_CODES: Final = frozenset(
    {"sandbox.hung", "sandbox.worker_died", "sandbox.bad_outbox", "sandbox.bad_frame"}
)
"""The worker was killed, or died, with this creation as the culprit."""
BUDGET_CODES: Final = frozenset({"sandbox.budget_exceeded", "sandbox.memory_exceeded", "play.too_many_filed"})


@dataclass(frozen=True, slots=True)
class FaultNote:
    """Equal faults of one placement: first at `at`, last at `last` (seconds, UTC), `times` in all.

    `limit` and `used` are in the code's own unit (instructions, bytes, seconds), 0 where there are none. `line` is 0
    where the place is not known.
    """

    code: str
    message: str
    at: float
    last: float
    times: int = 1
    file: str = ""
    line: int = 0
    handler: str = ""
    trace: str = ""
    limit: float = 0.0
    used: float = 0.0

    @property
    def place(self) -> str:
        """file:line, or ""."""
        return f"{self.file}:{self.line}" if self.file else ""

    @property
    def kind(self) -> tuple[str, str, int, str]:
        """What makes two faults equal: numbers in messages may differ."""
        return self.code, self.file, self.line, self.handler

    def again(self, other: FaultNote) -> FaultNote:
        """With another fault of the same kind counted in; what the last one said stands."""
        return replace(other, at=min(self.at, other.at), last=max(self.last, other.last),
                       times=self.times + other.times)  # fmt: skip

    def bounded(self) -> FaultNote:
        """With texts of bounded length: they come from a stranger's code."""
        return replace(
            self, message=self.message[:TEXT_MAX], trace=self.trace[:TRACE_MAX], file=self.file[:NAME_MAX],
            handler=self.handler[:NAME_MAX],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that counts, at `at` (seconds, UTC)."""

    at: float
    code: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a placement is paused: so many times within so many seconds."""

    times: int
    seconds: float
    what: str


def counts(code: str) -> bool:
    """Whether faults of this code are strikes."""
    return code in BUDGET_CODES or code in KILL_CODES


def remembered(strikes: Iterable[Strike], now: float) -> list[Strike]:
    """Strikes that may still count at `now`; a clock that was set back forgives none of the last hour."""
    return [s for s in strikes if abs(now - s.at) < (KILLS_S if s.code in KILL_CODES else STRIKES_S)]


def verdict(strikes: Iterable[Strike], now: float) -> Verdict | None:
    """Whether strikes up to `now` pause the placement."""
    known = remembered(strikes, now)
    kills = sum(strike.code in KILL_CODES for strike in known)
    if kills >= KILLS:
        return Verdict(kills, KILLS_S, "a worker had to be killed")
    recent = sum(abs(now - strike.at) < STRIKES_S for strike in known)
    if recent >= STRIKES:
        return Verdict(recent, STRIKES_S, "a limit was broken")
    return None


def number(value: float) -> str:
    """A limit for people: whole numbers in groups, others short."""
    return f"{int(value):,}" if value == int(value) else f"{value:.4g}"


def pause_text(
    note: FaultNote, why: Verdict, *, what: str, placement: int, author: bool, holder: bool
) -> str:
    """What the author and the holder read: `what` names package, version and parcel."""
    measured = f" Limit {number(note.limit)}, used {number(note.used)}." if note.limit else ""
    place = f" at {note.place}" if note.place else ""
    handler = f" in the handler of {note.handler}" if note.handler else ""
    todo = []
    if author:
        todo.append(
            f"Author: `mall logs {placement}` shows each fault; correct it and publish a new version."
        )
    if holder:
        todo.append(
            f"Holder: place a corrected release, or let this one run again with `mall resume {placement}`."
        )
    return (
        f"{what} was paused: {why.what} {why.times} times in {why.seconds / 60:.0f} minutes, the last time by "
        f"{note.code}{place}{handler}: {note.message.rstrip('.')}.{measured} {' '.join(todo)}"
    )
