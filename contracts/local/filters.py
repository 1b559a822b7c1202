"""What eth_newFilter and its kin keep: what somebody waits for, and up to where it was told."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.address import address_bytes, hash_bytes, to_hex
from contracts.errors import ChainError
from contracts.local.store import LogRow, Store
from contracts.local.views import View, log_views

MOST_FILTERS = 1_000
_MOST_CHOICES = 1_000
_MOST_TOPICS = 4


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Logs of blocks `first` to `last` (both included; None for the newest) by address and topics."""

    first: int
    last: int | None
    addresses: tuple[bytes, ...] | None
    topics: tuple[tuple[bytes, ...] | None, ...]

    def rows(self, store: Store, first: int, head: int) -> list[LogRow]:
        """Those from block `first` on."""
        last = head if self.last is None else min(self.last, head)
        return store.logs(max(first, self.first), last, self.addresses, self.topics)


def parse_choices(request: dict[str, Any]) -> tuple[tuple[bytes, ...] | None, tuple[Any, ...]]:
    """Addresses and topics of a filter object; an empty choice stands for any. Raises ChainError
    `chain.bad_filter`, `chain.bad_address`, `chain.bad_hash`."""
    address = request.get("address")
    addresses = _choice(address)
    topics = request.get("topics") or []
    if not isinstance(topics, Sequence) or isinstance(topics, str) or len(topics) > _MOST_TOPICS:
        raise ChainError("chain.bad_filter", f"topics are a list of up to {_MOST_TOPICS}")
    wanted = tuple(_choice(topic) for topic in topics)
    return (
        tuple(address_bytes(item) for item in addresses) if addresses else None,
        tuple(tuple(hash_bytes(item) for item in topic) if topic else None for topic in wanted),
    )


def _choice(value: Any) -> list[Any] | None:
    if value is None or value == [] or value == ():
        return None
    if isinstance(value, str):
        return [value]
    if not isinstance(value, (list, tuple)) or len(value) > _MOST_CHOICES:
        raise ChainError("chain.bad_filter", f"a choice is one value, or a list of up to {_MOST_CHOICES}")
    return list(value)


@dataclass(frozen=True, slots=True)
class _Filter:
    kind: str
    query: LogQuery | None
    told: int
    """The newest block that its owner has heard of."""


class Filters:
    """The filters of one client. The caller serialises access."""

    def __init__(self) -> None:
        self._filters: dict[str, _Filter] = {}

    def add(self, kind: str, head: int, query: LogQuery | None = None) -> str:
        """Waits for what comes after block `head`: `logs`, `blocks` or `transactions`. Gives the filter's id.

        Raises ChainError `chain.too_many_filters`.
        """
        if len(self._filters) >= MOST_FILTERS:
            raise ChainError(
                "chain.too_many_filters", f"there are {MOST_FILTERS} filters already: uninstall some first"
            )
        name = hex(secrets.randbits(63) | 1 << 63)
        self._filters[name] = _Filter(kind, query, head)
        return name

    def remove(self, name: str) -> bool:
        """Forgets a filter; False where there is none."""
        return self._filters.pop(name, None) is not None

    def changes(self, name: str, store: Store, head: int) -> list[str] | list[View]:
        """What has come since the filter was made or asked last."""
        found = self._find(name)
        self._filters[name] = replace(found, told=head)
        if found.query is not None:
            return log_views(found.query.rows(store, found.told + 1, head))
        numbers = range(found.told + 1, head + 1)
        if found.kind == "blocks":
            blocks = (store.block(number) for number in numbers)
            return [to_hex(block.hash) for block in blocks if block is not None]
        return [to_hex(tx_hash) for number in numbers for tx_hash in store.hashes(number)]

    def all_logs(self, name: str, store: Store, head: int) -> list[View]:
        """Everything a log filter's range holds."""
        query = self._find(name).query
        if query is None:
            raise ChainError("chain.bad_filter", "this filter is not for logs", filter=name)
        return log_views(query.rows(store, query.first, head))

    def _find(self, name: str) -> _Filter:
        found = self._filters.get(name)
        if found is None:
            raise ChainError(
                "chain.no_filter", "there is no such filter: make one again", filter=str(name)[:40]
            )
        return found
