"""How often a player in the city may do something."""

from __future__ import annotations

import time
from collections.abc import Callable

from host.accounts.pace import Paces
from host.errors import MallError
from host.gateway.lobby import PlayerRef


def paced(area: str, rate: float, burst: float) -> Callable[[PlayerRef], None]:
    """Refuses a player who does something more often than `rate` a second; `area` is that of the error's code."""
    paces = Paces(rate, burst)

    def check(player: PlayerRef) -> None:
        if not paces.take(f"player:{player.id}", time.monotonic()):
            raise MallError(f"{area}.too_fast", f"At most {rate:g} a second; wait a moment.", rate=rate)

    return check
