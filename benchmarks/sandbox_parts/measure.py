"""What every measurement shares: rows of the table, rounds in turn, cores, clocks of other processes."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.process import cpu_seconds


class NotMeasuredError(Exception):
    """A part gave no figure: the work that was to be measured was not done. The text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the rounds of ours and, where there is one, of the peer, both in `unit`.

    `bar` is the most (with `least` the least) allowed: of the ratio where there is a peer, else of the median of ours.
    """

    metric: str
    unit: str
    ours: Sequence[float]
    peer: Sequence[float] = ()
    bar: float | None = None
    least: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.ours)

    @property
    def best(self) -> float:
        return max(self.ours) if self.least else min(self.ours)

    @property
    def ratio(self) -> float | None:
        """Median over the rounds of ours against the peer measured in the same round."""
        if not self.peer:
            return None
        return statistics.median(a / b for a, b in zip(self.ours, self.peer, strict=True))

    @property
    def best_ratio(self) -> float | None:
        """The best round of ours against the best of the peer: what is left when noise is taken away."""
        return min(self.ours) / min(self.peer) if self.peer else None

    @property
    def held(self) -> bool | None:
        if self.bar is None:
            return None
        value = self.median if self.ratio is None else self.ratio
        return value >= self.bar if self.least else value <= self.bar


def in_turn(rounds: int, *measures: Callable[[], float]) -> tuple[list[float], ...]:
    """Each measurement once a round, one after the other, so that a slow second of the machine hits all alike."""
    results = [[measure() for measure in measures] for _ in range(rounds)]
    return tuple(list(column) for column in zip(*results, strict=True))


ALLOWED = os.sched_getaffinity(0)


def cores() -> tuple[int, int]:
    """The host's core and the core of workers and peers; the same one where the machine has a single core."""
    allowed = sorted(ALLOWED)
    return allowed[0], allowed[-1]


def pin(pid: int, core: int) -> None:
    """Keeps a process (0 is this one) on one core."""
    os.sched_setaffinity(pid, {core})


def unpin() -> None:
    """Lets this process, and the children it starts from now on, run on every core again."""
    os.sched_setaffinity(0, ALLOWED)


def cpu_of(pid: int) -> float:
    """CPU seconds of another process so far."""
    seconds = cpu_seconds(pid)
    if seconds is None:
        raise NotMeasuredError("benchmarks/sandbox.py reads the CPU clock of its workers, which needs Linux")
    return seconds
