"""What the running host says of itself over its control socket; asked at most every two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from host import control
from host.errors import MallError

FRESH_S: Final = 2.0
PATIENCE_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Live:
    """How the host is doing.

    Attributes:
        state: `up`; `busy` when it runs and does not answer in time; `down`.
        asked: when (seconds, UTC).
        status: its last answer, of before where it is busy; empty when it is down.
        problem: what it said instead of an answer.
    """

    state: Literal["up", "busy", "down"]
    asked: float
    status: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


class HostWatch:
    """Asks the host at `socket`; many readers share one question."""

    def __init__(self, socket: Path, clock: Callable[[], float] = time.time) -> None:
        self._socket = socket
        self._clock = clock
        self._lock = threading.Lock()
        self._last: Live | None = None
        self._until = 0.0

    def look(self) -> Live:
        """The host's state, at most two seconds old."""
        with self._lock:
            if self._last is None or time.monotonic() >= self._until:
                self._last = self._ask(self._last)
                self._until = time.monotonic() + FRESH_S
            return self._last

    def _ask(self, before: Live | None) -> Live:
        now = self._clock()
        if not control.is_running(self._socket):
            return Live("down", now)
        try:
            status = control.request(self._socket, "status", timeout=PATIENCE_S)
        except MallError as error:
            return Live("busy", now, before.status if before else {}, str(error))
        return Live("up", now, status if isinstance(status, dict) else {})
