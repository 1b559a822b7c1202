"""How often a player in the city may do something."""

from __future__ import annotations

import time
from collections.abc import Callable

from host.errors import MallError
from host.gateway.gateway import Gateway
from host.gateway.limits import Bucket
from host.gateway.lobby import PlayerRef


def paced(gateway: Gateway, area: str, rate: float, burst: float) -> Callable[[PlayerRef], None]:
    """Refuses a player who does something more often than `rate` a second; `area` is that of the error's code."""
    buckets: dict[int, Bucket] = {}

    def check(player: PlayerRef) -> None:
        now = time.monotonic()
        if player.id not in buckets:
            for gone in [known for known in buckets if gateway.player(known) is None]:
                del buckets[gone]
            buckets[player.id] = Bucket(rate, burst, now)
        if not buckets[player.id].take(1, now):
            raise MallError(f"{area}.too_fast", f"At most {rate:g} a second; wait a moment.", rate=rate)

    return check
