"""Twenty ticks a second on an absolute schedule: late ones are logged, missed ones skipped, garbage in the slack."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from host.world.limits import TICK_HZ

_log = logging.getLogger(__name__)
_KEPT: Final = 60 * TICK_HZ
_LOG_EVERY_S: Final = 5.0
_LATE_S: Final = 0.05
# Slack that a collection of each generation needs, and how often it may run, seconds.
_GENERATIONS: Final = ((2, 0.035, 60.0), (1, 0.015, 5.0), (0, 0.005, 0.5))
_FORCED_AFTER: Final = 6.0


@dataclass(frozen=True, slots=True)
class TickStats:
    """Of the last minute; milliseconds and shares of ticks.

    Attributes:
        ticks: run since the start. skipped: left out since the start, because the one before took too long.
        work_ms: how long a tick worked, median and 99th percentile.
        late_ms: how long after its time a tick began, median and 99th percentile.
    """

    ticks: int
    skipped: int
    failed: int
    work_ms: tuple[float, float]
    late_ms: tuple[float, float]


class Ticker:
    """Calls `work(now)` on its schedule until stopped. Automatic garbage collection is off meanwhile.

    Args:
        work: one tick; what it raises is logged and counted, and the schedule goes on.
    """

    def __init__(self, work: Callable[[float], None], hz: int = TICK_HZ) -> None:
        self._work = work
        self._period = 1.0 / hz
        self._handle: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._ticks = self._skipped = self._failed = 0
        self._worked: deque[float] = deque(maxlen=_KEPT)
        self._late: deque[float] = deque(maxlen=_KEPT)
        self._logged_at = 0.0
        self._collected = [0.0, 0.0, 0.0]
        self._gc_was_on = False

    def start(self) -> None:
        """Begin now. What is alive now is taken out of garbage collection, so that it costs no tick later."""
        if self._handle is not None:
            raise RuntimeError("the ticker runs already")
        self._gc_was_on = gc.isenabled()
        gc.collect()
        gc.freeze()
        gc.disable()
        self._due = monotonic()
        self._collected = [self._due] * 3
        self._schedule()

    def stop(self) -> None:
        """End after the current tick; garbage collection is as it was."""
        if self._handle is None:
            return
        self._handle.cancel()
        self._handle = None
        gc.unfreeze()
        if self._gc_was_on:
            gc.enable()

    def stats(self) -> TickStats:
        """Figures of the last minute."""
        return TickStats(
            self._ticks, self._skipped, self._failed, _percentiles(self._worked), _percentiles(self._late)
        )

    def _schedule(self) -> None:
        delay = max(0.0, self._due - monotonic())
        self._handle = asyncio.get_running_loop().call_later(delay, self._fire)

    def _fire(self) -> None:
        began = monotonic()
        late = max(0.0, began - self._due)
        missed = int(late / self._period)
        self._skipped += missed
        self._due += missed * self._period
        if late > _LATE_S and began - self._logged_at > _LOG_EVERY_S:
            self._logged_at = began
            _log.warning("a tick began %.0f ms late; %d skipped since the start", late * 1e3, self._skipped)
        try:
            self._work(began)
        except Exception:
            self._failed += 1
            if self._failed == 1 or began - self._logged_at > _LOG_EVERY_S:
                self._logged_at = began
                _log.exception("a tick failed, the %d. since the start", self._failed)
        ended = monotonic()
        self._ticks += 1
        self._worked.append(ended - began)
        self._late.append(late)
        self._due += self._period
        if self._handle is not None:
            self._collect(ended, self._due - ended)
            self._schedule()

    def _collect(self, now: float, slack: float) -> None:
        """The oldest generation whose time has come and which fits; without slack for long it runs all the same."""
        for generation, needs, every in _GENERATIONS:
            waited = now - self._collected[generation]
            if waited > every and (slack > needs or waited > every * _FORCED_AFTER):
                gc.collect(generation)
                self._collected[: generation + 1] = [now] * (generation + 1)
                return


def _percentiles(samples: deque[float]) -> tuple[float, float]:
    if not samples:
        return 0.0, 0.0
    ordered = sorted(samples)
    return ordered[len(ordered) // 2] * 1e3, ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1e3
