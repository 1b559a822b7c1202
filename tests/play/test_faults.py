"""Faults of running creations, in a real host: counted, kept, told; enough of them pause."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from host import notices
from host.errors import MallError
from host.events import InstanceFaulted
from host.kernel import open_kernel
from host.placements.faults import FaultNote
from host.play.faults import KINDS, Faults
from host.serve import Host
from sandbox.wire import Fault
from tests.gateway.client import TestClient
from tests.hosting import AUTHOR, config, enable, hosting, write_package

ERRORS = """
mall.every(0.05, function() error("always the same") end)
mall.world.spawn { id = "a", model = "ball", at = { 1, 1, 1 } }
"""
BROKEN = 'mall.log("starts")\nerror("cannot begin")'


def prepared(data: Path, folder: Path) -> int:
    with open_kernel(config(data)) as kernel:
        return enable(kernel, folder)


async def until(holds, what: str, seconds: float = 30.0) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what} did not come in {seconds:g} s") from None


def state(host: Host, placement: int) -> str:
    return host.kernel.placements.get(host.kernel.rows, placement).state


def test_an_error_loop_costs_few_writes_and_runs_on(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "errors", ERRORS))
    told: list[InstanceFaulted] = []

    async def story() -> None:
        async with hosting(data) as host, await TestClient.join(host.url, "Ada"):
            host.kernel.bus.subscribe(InstanceFaulted, told.append)

            def counted() -> int:
                return sum(f.times for _, f in host.kernel.placements.faults(host.kernel.rows, placement))

            await until(lambda: counted() >= 20, "twenty errors")
            found = host.kernel.placements.faults(host.kernel.rows, placement)
            assert len(found) == 1
            version, fault = found[0]
            assert (version, fault.code, fault.place) == ("1.0.0", "sandbox.script_error", "init.lua:2")
            assert "always the same" in fault.message
            assert len(told) < counted()
            assert state(host, placement) == "enabled"
            assert host.kernel.rows.value("select count(*) from notices") == 0

    asyncio.run(story())


def test_strikes_pause_it_and_its_people_are_told_by_verb_and_once_in_the_client(
    data: Path, tmp_path: Path
) -> None:
    placement = prepared(data, write_package(tmp_path / "hog", "mall.log(1)"))

    async def story() -> None:
        async with hosting(data) as host:
            async with await TestClient.join(host.url, "Ada"):
                for _ in range(3):
                    host.play._faults.add(
                        placement,
                        Fault(
                            1,
                            "sandbox.memory_exceeded",
                            "2048 KiB of memory",
                            "init.lua",
                            1,
                            2097152.0,
                            2097200.0,
                        ),
                    )
                await until(lambda: state(host, placement) == "paused", "the pause")
            by_verb = (await host.execute("notices", {"address": AUTHOR.address}))["notices"]
            assert [n["subject"] for n in by_verb] == [f"placement:{placement}"]
            assert "3 times" in by_verb[0]["text"]
            assert "2,097,152" in by_verb[0]["text"]
            logs = await host.execute("logs", {"placement": placement})
            assert (logs["state"], logs["faults"][0]["code"]) == ("paused", "sandbox.memory_exceeded")
            assert logs["faults"][0]["place"] == "init.lua:1"

            # whoever signs in with that wallet is shown it once
            async with await TestClient.join(host.url, "Bob") as bob:
                wallet = host.kernel.accounts.get(host.kernel.rows, bob.player).address
                token = bob.messages("welcome")[0]["token"]
            await host.write(
                lambda tx: notices.send(tx, wallet, "placement:1", "placement.paused", "Read me.")
            )
            async with await TestClient.join(host.url, "Bob", token) as bob:
                assert (await bob.expect("toast", lambda m: m["text"] == "Read me."))["kind"] == "bad"
            await until(lambda: not notices.of_address(host.kernel.rows, wallet, unseen=True), "the mark")

            resumed = await host.execute("resume", {"placement": placement})
            assert resumed["state"] == "enabled"

    asyncio.run(story())


def test_strikes_outlive_the_host(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "calm", "mall.log('calm')"))

    async def strike(times: int, total: int) -> str:
        async with hosting(data) as host:
            rows = host.kernel.rows
            for _ in range(times):
                host.play._faults.add(placement, Fault(1, "sandbox.budget_exceeded", "too much"))
            await until(
                lambda: sum(f.times for _, f in host.kernel.placements.faults(rows, placement)) == total,
                "the strikes",
            )
            return state(host, placement)

    assert asyncio.run(strike(2, 2)) == "enabled"
    assert asyncio.run(strike(1, 3)) == "paused"


def test_a_creation_that_cannot_start_says_why_and_where(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "broken", BROKEN))

    async def story() -> None:
        async with hosting(data) as host, await TestClient.join(host.url, "Ada"):
            await until(lambda: bool(host.kernel.placements.faults(host.kernel.rows, placement)), "the fault")
            ((_, fault),) = host.kernel.placements.faults(host.kernel.rows, placement)
            assert (fault.place, fault.handler) == ("init.lua:2", "load")
            assert "cannot begin" in fault.message

    asyncio.run(story())


def test_only_its_holder_resumes_a_placement(data: Path, tmp_path: Path) -> None:
    placement = prepared(data, write_package(tmp_path / "calm", "mall.log('calm')"))
    with open_kernel(config(data)) as kernel:
        kernel.write(lambda tx: kernel.placements.pause(tx, kernel.commands.treasury(tx), placement))
        until_s = int(kernel.clock()) + 60
        arguments = {
            "placement": placement,
            "holder": AUTHOR.address,
            "until": until_s,
            "signature": "0x" + "11" * 65,
        }
        with pytest.raises(MallError):
            kernel.commands.run("resume", arguments)
        assert kernel.placements.get(kernel.rows, placement).state == "paused"
        assert kernel.commands.run("resume", {"placement": placement})["state"] == "enabled"
        assert kernel.commands.run("resume", {"placement": placement})["state"] == "enabled"


class Shelf:
    """Keeps what is written, as the durable side would."""

    def __init__(self) -> None:
        self.writes: list[tuple[int, list[FaultNote]]] = []

    async def note_faults(self, placement: int, faults: list[FaultNote]) -> None:
        self.writes.append((placement, faults))


def test_a_flood_of_different_faults_is_bounded_in_writes_and_rows() -> None:
    shelf, told = Shelf(), []

    async def story() -> None:
        tasks = []
        bus = type("Bus", (), {"publish": staticmethod(told.append)})()
        now = [1000.0]
        faults = Faults(shelf, bus, lambda work: tasks.append(asyncio.ensure_future(work)), lambda: now[0])  # type: ignore[arg-type]
        for n in range(10_000):
            now[0] += 0.0001
            faults.add(7, Fault(1, "sandbox.script_error", f"no {n}", "init.lua", n))
        faults.flush()
        await asyncio.gather(*tasks)

    asyncio.run(story())
    rows = [note for _, notes in shelf.writes for note in notes]
    assert sum(note.times for note in rows) == 10_000
    assert len(shelf.writes) <= 3
    assert len(rows) <= len(shelf.writes) * (KINDS + 1)
    assert len(told) == len(rows)
