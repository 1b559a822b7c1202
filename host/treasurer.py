"""The chain's own thread beside the world: follows events, settles claims, answers questions about balances."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from contracts.errors import ChainError
from host.economy import outbox, reconcile
from host.errors import MallError
from host.kernel import Kernel

log = logging.getLogger(__name__)
T = TypeVar("T")
NEXT_BLOCK_S = 1.0
"""While a transaction waits for its block, the chain is asked so often at least."""


class Treasurer:
    """Everything that touches the chain runs here, one thing after the other, so that no tick waits for it.

    Args:
        period: seconds between two settlements. comparing: seconds between two comparisons of books and chain.
    """

    def __init__(self, kernel: Kernel, period: float, comparing: float = 600.0) -> None:
        self._kernel = kernel
        self._period = period
        self._comparing = comparing
        self._compared = -comparing
        self._under_way = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="treasurer")
        self._task: asyncio.Task[None] | None = None
        self._stuck = ""

    @property
    def stuck(self) -> str:
        """Why settlement waits for an operator, or ""."""
        return self._stuck

    def start(self) -> None:
        """Settle every `period` seconds until stopped."""
        self._task = asyncio.get_running_loop().create_task(self._rounds())

    async def stop(self) -> None:
        """Finish the round that runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.to_thread(self._thread.shutdown)

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in the chain's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _rounds(self) -> None:
        while True:
            await self.run(self._round)
            await asyncio.sleep(min(self._period, NEXT_BLOCK_S) if self._under_way else self._period)

    def _round(self) -> None:
        kernel = self._kernel
        try:
            kernel.follow()
            kernel.tend()
            kernel.sends.return_pools()
            last = kernel.settle()[-1]
            self._under_way = last.did == "waiting" or bool(outbox.own_open(kernel.rows))
            self._compare()
            kernel.follow()
            alarms = kernel.chain.alarms()
        except (ChainError, MallError) as error:
            self._hold(str(error))
            return
        except Exception as error:  # a fault of ours: the next round tries again, and status says so
            log.exception("a round of settlement failed")
            self._hold(f"host.internal: {type(error).__name__}, see the host's log")
            return
        differs = reconcile.halted(kernel.rows)
        if last.did == "stuck":
            self._hold(f"{last.code}: {last.detail}")
        elif differs:
            self._hold(f"settlement.differs: {differs}")
        else:
            self._hold("; ".join(str(alarm) for alarm in alarms))

    def _compare(self) -> None:
        """Compare books and chain once in a while; while they differ nothing is settled."""
        now = time.monotonic()
        if now - self._compared >= self._comparing:
            self._kernel.settlement.check()
            self._compared = now

    def _hold(self, stuck: str) -> None:
        """Remember why an operator is needed, and say so once."""
        if stuck and stuck != self._stuck:
            log.error("the settlement needs an operator: %s", stuck)
        self._stuck = stuck
