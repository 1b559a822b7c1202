"""The chain's own thread beside the world: follows events, settles claims, answers questions about balances."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from contracts.errors import ChainError
from host.errors import MallError
from host.kernel import Kernel

log = logging.getLogger(__name__)
T = TypeVar("T")


class Treasurer:
    """Everything that touches the chain runs here, one thing after the other, so that no tick waits for it.

    Args:
        period: seconds between two settlements.
    """

    def __init__(self, kernel: Kernel, period: float) -> None:
        self._kernel = kernel
        self._period = period
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
            await asyncio.sleep(self._period)

    def _round(self) -> None:
        try:
            self._kernel.follow()
            self._kernel.tend()
            last = self._kernel.settlement.drain()[-1]
            self._kernel.follow()
        except (ChainError, MallError) as error:
            self._hold(str(error))
            return
        except Exception as error:  # a fault of ours: the next round tries again, and status says so
            log.exception("a round of settlement failed")
            self._hold(f"host.internal: {type(error).__name__}, see the host's log")
            return
        self._hold(f"{last.code}: {last.detail}" if last.did == "stuck" else "")

    def _hold(self, stuck: str) -> None:
        """Remember why an operator is needed, and say so once."""
        if stuck and stuck != self._stuck:
            log.error("the settlement needs an operator: %s", stuck)
        self._stuck = stuck
