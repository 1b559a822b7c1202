"""Reads logs from one endpoint in ranges that it can answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.chain import Log
from contracts.rpc import ask, decode
from contracts.rpc.endpoint import Endpoint
from contracts.rpc.faults import Malformed, Moved, Refused, TooLong

MOST: Final = 200_000
"""Logs of one question."""


class LogReader:
    """Remembers for each endpoint how many blocks it answers at once: halves on a refusal, doubles on success."""

    def __init__(self, most_blocks: int) -> None:
        self._most = most_blocks
        self._spans: dict[str, int] = {}

    def read(self, endpoint: Endpoint, first: int, last: int, addresses: Sequence[str]) -> tuple[Log, ...]:
        """The logs of the blocks `first` to `last`, in chain order. Raises Unknown when the endpoint has not got so
        far, Moved when a log's block left the chain while it was read."""
        # A node that is behind would answer with what it has and say nothing.
        ask.block_at(endpoint, last)
        found: list[Log] = []
        start = first
        while start <= last:
            span = self._spans.get(endpoint.name, self._most)
            end = min(last, start + span - 1)
            try:
                found += self._part(endpoint, start, end, addresses)
            except (Refused, TooLong):
                if end == start:
                    raise
                self._spans[endpoint.name] = max(1, (end - start + 1) // 2)
                continue
            if len(found) > MOST:
                raise Malformed(f"it names more than {MOST} logs")
            self._spans[endpoint.name] = min(self._most, 2 * span)
            start = end + 1
        self._confirm(endpoint, found)
        return tuple(found)

    @staticmethod
    def _part(endpoint: Endpoint, first: int, last: int, addresses: Sequence[str]) -> list[Log]:
        wanted = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(addresses)}
        return decode.logs(endpoint.ask("eth_getLogs", wanted), first, last, frozenset(addresses))

    @staticmethod
    def _confirm(endpoint: Endpoint, found: Sequence[Log]) -> None:
        by_block: dict[int, list[Log]] = {}
        for one in found:
            by_block.setdefault(one.block, []).append(one)
        for number, logs in by_block.items():
            header = ask.block_at(endpoint, number)
            if header.block.hash != logs[0].block_hash:
                raise Moved(f"block {number} changed while its logs were read")
            places = {tx_hash: place for place, tx_hash in enumerate(header.transactions)}
            order = [places.get(log.tx_hash, -1) for log in logs]
            if order != sorted(order) or -1 in order or not decode.blooms(logs, header.bloom):
                raise Malformed(f"block {number} does not hold the logs that it is said to hold")
