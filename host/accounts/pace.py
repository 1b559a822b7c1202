"""How often somebody may do something: a bucket for each player or network address, bounded in number."""

from __future__ import annotations

import ipaddress
from typing import Final

from host.gateway.limits import Bucket

MOST: Final = 10_000
"""Keys remembered at a time; the one that was quiet longest is forgotten."""


class Paces:
    """A token bucket for each key.

    Args:
        rate: how often a second on average. burst: how often at once.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, Bucket] = {}

    def has(self, key: str, now: float) -> bool:
        """Whether `key` may once more; `now` in seconds."""
        bucket = self._buckets.get(key)
        return bucket is None or bucket.has(1, now)

    def take(self, key: str, now: float) -> bool:
        """Let `key` do it once more, if it may."""
        bucket = self._buckets.pop(key, None) or Bucket(self._rate, self._burst, now)
        self._buckets[key] = bucket
        if len(self._buckets) > MOST:
            del self._buckets[next(iter(self._buckets))]
        return bucket.take(1, now)


def network(address: str) -> str:
    """Whom a network address stands for: itself, or its /64 in IPv6, where everybody has that many.

    "" for this machine itself, which no limit of strangers is for, and for what is no address.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return "" if found.is_loopback else str(ipaddress.ip_network((found, 64), strict=False))
        found = found.ipv4_mapped
    return "" if found.is_loopback else str(found)


def client_address(peer: str, forwarded: str) -> str:
    """Where a client comes from: `peer`, or what a proxy on this machine says (the last entry of X-Forwarded-For)."""
    last = forwarded.rpartition(",")[2].strip()
    return last if network(peer) == "" and network(last) else peer
