"""The schedule of ticks: absolute, skipping what was missed, surviving a tick that fails."""

from __future__ import annotations

import asyncio
import gc
from time import monotonic, sleep

import pytest
import uvloop

from host.gateway.ticker import Ticker


def test_missed_ticks_are_skipped_and_the_schedule_is_kept() -> None:
    async def story() -> None:
        times: list[float] = []
        done = asyncio.Event()

        def work(now: float) -> None:
            times.append(now)
            if len(times) == 3:
                sleep(0.12)  # a tick that takes far too long is what is tested
            if len(times) == 6:
                done.set()

        ticker = Ticker(work, hz=50)
        began = monotonic()
        ticker.start()
        await done.wait()
        ticker.stop()
        stats = ticker.stats()
        assert (stats.ticks, stats.failed) == (6, 0)
        assert stats.skipped >= 5
        assert round((times[-1] - began) / 0.02) >= 5 + stats.skipped

    uvloop.run(story())


def test_a_failing_tick_is_logged_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        done = asyncio.Event()
        calls: list[float] = []

        def work(now: float) -> None:
            calls.append(now)
            if len(calls) == 1:
                raise RuntimeError("broken tick")
            done.set()

        ticker = Ticker(work, hz=100)
        ticker.start()
        await done.wait()
        ticker.stop()
        assert ticker.stats().failed == 1

    uvloop.run(story())
    assert "broken tick" in caplog.text


def test_garbage_collection_is_off_while_it_runs_and_on_again_after() -> None:
    async def story() -> None:
        ticked = asyncio.Event()
        ticker = Ticker(lambda _: ticked.set(), hz=100)
        ticker.start()
        with pytest.raises(RuntimeError, match="runs already"):
            ticker.start()
        assert not gc.isenabled()
        await ticked.wait()
        ticker.stop()
        ticker.stop()
        assert gc.isenabled()
        assert gc.get_freeze_count() == 0

    uvloop.run(story())
