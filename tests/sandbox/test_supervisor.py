"""The supervisor with real jailed workers: neighbours, hangs, restores, lies."""

from __future__ import annotations

import os
import signal

import pytest

from sandbox.errors import SandboxError
from sandbox.events import Chat, Enter, Input, Leave, Stop
from sandbox.limits import Limits
from sandbox.wire import LoadOut, Out, Outs, decode_commands, frame

COUNTER = """
local n = mall.store.get("n") or 0
mall.on("start", function() mall.log("start at", n) end)
mall.on("enter", function(p) mall.log("enter", p.name, p:at()[1]) end)
mall.on("tick", function() n = n + 1 mall.store.set("n", n) end)
mall.on("chat", function(_, text) mall.log(text, n) end)
"""
UNGUARDED = Limits(
    event_instructions=1 << 50,
    second_instructions=1 << 50,
    event_cpu_s=1e6,
    batch_cpu_s=1e6,
    load_instructions=1 << 50,
    load_cpu_s=1e6,
)
HANG = "mall.on('input', function() while true do end end)"


def test_an_instance_starts_ticks_and_gives_its_store_back(in_house, spec) -> None:
    async def test(house) -> None:
        loaded = await house.supervisor.load(spec(COUNTER))
        assert loaded.outbox.fresh
        for _ in range(11):
            await house.flush()
        store = await house.supervisor.unload(1)
        assert house.logs(1) == ["start at\t0"]
        await house.supervisor.load(spec(COUNTER, store=store, now=house.now))
        await house.flush()
        assert house.logs(1)[-1] in ("start at\t9", "start at\t10")
        assert house.faults == []

    in_house(test)


def test_a_broken_entry_is_told_with_file_and_line_and_leaves_nothing(in_house, spec) -> None:
    async def test(house) -> None:
        for source, code, line in (
            ("local a\nlocal b = a.x", "sandbox.script_error", 2),
            ("x = = 1", "sandbox.script_error", 1),
            ("\n\nmall.world.spawn { at = {99, 0, 0} }", "world.out_of_bounds", 3),
            ("while true do end", "sandbox.budget_exceeded", 1),
        ):
            with pytest.raises(SandboxError) as caught:
                await house.supervisor.load(spec(source))
            assert (caught.value.code, caught.value.facts["file"], caught.value.facts["line"]) == (
                code,
                "init.lua",
                line,
            )
        await house.supervisor.load(spec(COUNTER))

    in_house(test)


def test_a_runaway_neighbour_disturbs_nobody(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        await house.supervisor.load(spec(HANG, instance=2))
        house.supervisor.post(2, Enter(1, "Eve"))
        for _ in range(5):
            house.supervisor.post(2, Input(1, "go"))
            await house.flush()
        house.supervisor.post(1, Enter(1, "Ada"))
        house.supervisor.post(1, Chat(1, "count"))
        await house.flush()
        assert house.logs(1)[-1] == "count\t4"
        assert {(f.instance, f.code, f.gone) for f in house.faults} == {(2, "sandbox.budget_exceeded", False)}

    in_house(test)


def test_a_hang_is_killed_the_culprit_named_and_the_others_restored(in_house, spec) -> None:
    async def test(house) -> None:
        for number in range(1, 31):
            await house.supervisor.load(spec(COUNTER, instance=number))
        await house.supervisor.load(spec(HANG, instance=99, limits=UNGUARDED))
        house.supervisor.post(5, Enter(1, "Ada"))
        house.supervisor.move(5, {1: (3.0, 0.0, 4.0)})
        for _ in range(70):
            await house.flush()  # seven seconds of the host's clock: a snapshot was due
        pid = house.supervisor.worker_pids()[0]
        house.supervisor.post(99, Enter(1, "Eve"))
        house.supervisor.post(99, Input(1, "go"))
        house.outboxes.clear()
        house.now += 0.1
        house.supervisor.flush(house.now)
        await house.until(lambda: sum(o.fresh for o in house.outboxes) == 30)
        assert {f.instance for f in house.faults if f.code == "sandbox.hung" and f.gone} == {99}
        assert {f.instance for f in house.faults if f.code == "sandbox.restarted"} == set(range(1, 31))
        assert house.supervisor.worker_pids()[0] != pid
        assert 99 not in house.supervisor.instances()
        await house.flush()
        first, second = house.logs(5)
        assert first.startswith(("start at\t5", "start at\t4"))
        assert second == "enter\tAda\t3.0"
        assert {o.generation for o in house.outboxes} == {2}

    in_house(test)


def test_a_hang_at_load_is_an_error_of_that_load(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        with pytest.raises(SandboxError) as caught:
            await house.supervisor.load(spec("while true do end", instance=2, limits=UNGUARDED))
        assert caught.value.code == "sandbox.hung"
        await house.until(lambda: any(o.fresh for o in house.outboxes))
        assert [(f.instance, f.code) for f in house.faults] == [(1, "sandbox.restarted")]

    in_house(test)


def test_a_killed_worker_is_replaced(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        os.kill(house.supervisor.worker_pids()[0], signal.SIGKILL)
        await house.until(lambda: any(o.fresh for o in house.outboxes))
        await house.flush()
        assert house.logs(1) == ["start at\t0"]
        assert await house.supervisor.unload(1)

    in_house(test)


def test_a_full_memory_closes_only_that_state(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        grow = "k = {} mall.on('tick', function() for i = 1, 50 do k[#k + 1] = ('x'):rep(9999) .. #k end end)"
        await house.supervisor.load(spec(grow, instance=2))
        while 2 in house.supervisor.instances():
            await house.flush()
        assert house.faults[-1].code == "sandbox.memory_exceeded"
        assert house.faults[-1].gone
        assert house.supervisor.instances() == {1}

    in_house(test)


def test_events_of_a_busy_worker_wait_and_come_in_order(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec("mall.on('chat', function(_, text) mall.log(text) end)"))
        house.supervisor.post(1, Enter(1, "Ada"))
        for number in range(200):
            house.supervisor.post(1, Chat(1, str(number)))
            house.supervisor.flush(house.now)
        await house.flush()
        await house.flush()
        assert house.logs(1) == [str(number) for number in range(200)]

    in_house(test)


def test_a_flood_of_input_is_dropped_and_told_once(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec("mall.on('leave', function(p) mall.log('left', p.name) end)"))
        house.supervisor.post(1, Enter(1, "Ada"))
        for _ in range(2000):
            house.supervisor.post(1, Input(1, "mash"))
        house.supervisor.post(1, Leave(1))
        await house.flush()
        await house.flush()
        assert [f.code for f in house.faults] == ["sandbox.events_dropped"]
        assert house.logs(1) == ["left\tAda"]

    in_house(test)


def test_stop_is_heard_before_the_end(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(
            spec("mall.on('stop', function(why) mall.log(why) mall.store.set('why', why) end)")
        )
        store = await house.supervisor.unload(1, "parcel sold")
        assert house.logs(1) == ["parcel sold"]
        assert b"parcel sold" in store
        with pytest.raises(SandboxError, match="not_loaded"):
            await house.supervisor.unload(1)

    in_house(test)


def test_a_worker_that_speaks_for_others_or_breaks_the_form_is_killed(in_house, spec) -> None:
    hostile = (
        Outs(7, [Out(3, b"\x90", b"", None, 0, 0.0, 0, 1.0, True)], False),
        Outs(7, [Out(1, b"\x91\x93\xa6remove\x01\x02", b"", None, 0, 0.0, 0, 1.0, True)], False),
        Outs(7, [], True),
        LoadOut(Out(1, b"", b"", None, 0, 0.0, 0, 1.0, True)),
    )

    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        for lie in hostile:
            await house.flush()
            worker = house.supervisor._pool.workers[0]
            worker._inbox += frame(lie)
            worker._parse()
            assert worker.dead
            await house.until(lambda: house.supervisor._pool.workers[0].jail != {})
            if 1 not in house.supervisor.instances():
                await house.supervisor.load(spec(COUNTER, now=house.now))
            await house.until(lambda: house.supervisor._instances[1].running)

    in_house(test)


def test_the_digest_of_an_outbox_is_the_same_for_the_same_seed_and_events(in_house, spec) -> None:
    source = """
    local seen = {}
    mall.on("enter", function(p) seen[p] = mall.random(100) seen[p.name] = {} end)
    mall.on("chat", function(p, text)
      for k, v in pairs(seen) do mall.log(tostring(k), tostring(v)) end
      local t = {}
      for i = 1, 20 do t[i] = { n = mall.random(5), i = i } end
      table.sort(t, function(a, b) return a.n < b.n end)
      for _, x in ipairs(t) do mall.log(x.n, x.i, tostring(x)) end
      mall.after(mall.random(), function() mall.log("later", mall.now(), math.random()) end)
    end)
    """
    digests = []

    async def test(house) -> None:
        await house.supervisor.load(spec(source))
        for number, name in enumerate(["Ada", "Bob", "Eve", "Kim", "Lee", "Max"], 1):
            house.supervisor.post(1, Enter(number, name))
        house.supervisor.post(1, Chat(1, "go"))
        for _ in range(15):
            await house.flush()
        assert house.faults == []
        digests.append([o.digest for o in house.outboxes])

    in_house(test)
    in_house(test)
    assert digests[0] == digests[1]
    assert len(digests[0]) >= 2


def test_a_reload_hands_the_store_and_a_value_over_and_the_players_enter_again(in_house, spec) -> None:
    first = """
    mall.store.set("n", 41)
    mall.on("snapshot", function() return { round = 3 } end)
    mall.on("enter", function(p) mall.log("one", p.name) end)
    """
    second = """
    mall.on("restore", function(value, version) mall.log("restored", value.round, version, mall.store.get("n")) end)
    mall.on("start", function() mall.log("started") end)
    mall.on("enter", function(p) mall.log("two", p.name, p:at()[1]) end)
    """

    async def test(house) -> None:
        await house.supervisor.load(spec(first))
        house.supervisor.post(1, Enter(1, "Ada"))
        house.supervisor.move(1, {1: (3.0, 0.0, 4.0)})
        await house.flush()
        loaded = await house.supervisor.reload(1, spec(second, version="1.1.0"))
        assert loaded.outbox.fresh
        assert loaded.outbox.generation == house.supervisor.generation(1) == 2
        await house.flush()
        assert house.logs(1) == ["one\tAda", "restored\t3\t1.0.0\t41", "started", "two\tAda\t3.0"]
        assert house.faults == []

    in_house(test)


def test_a_reload_that_fails_leaves_the_old_state_running(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        await house.flush()
        for broken, code in (
            ("x = = 1", "sandbox.script_error"),
            ("while true do end", "sandbox.budget_exceeded"),
            ("mall.on('restore', function() error('no') end)", "sandbox.script_error"),
        ):
            old = COUNTER + "mall.on('snapshot', function() return 1 end)"
            await house.supervisor.reload(1, spec(old))
            with pytest.raises(SandboxError) as caught:
                await house.supervisor.reload(1, spec(broken))
            assert caught.value.code == code
            house.supervisor.post(1, Chat(1, "ignored"))
            house.supervisor.post(1, Enter(1, "Ada"))
            house.supervisor.post(1, Chat(1, "still here"))
            await house.flush()
            assert house.logs(1)[-1].startswith("still here")
            house.supervisor.post(1, Leave(1))
            await house.flush()

    in_house(test)


def test_who_uses_too_much_cpu_waits_alone_and_is_told_once(in_house, spec) -> None:
    slow = Limits(sustained_cpu_s=1e-6, burst_cpu_s=1e-4)

    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        busy = "mall.on('tick', function() for i = 1, 100000 do end end)"
        await house.supervisor.load(spec(busy, instance=2, limits=slow))
        for _ in range(20):
            await house.flush()
        assert [(f.instance, f.code) for f in house.faults] == [(2, "sandbox.throttled")]
        house.supervisor.post(1, Enter(1, "Ada"))
        house.supervisor.post(1, Chat(1, "count"))
        await house.flush()
        assert house.logs(1)[-1] == "count\t19"

    in_house(test)


def test_a_hang_on_probation_costs_the_proven_nothing(in_house, spec) -> None:
    async def test(house) -> None:
        await house.supervisor.load(spec(COUNTER))
        await house.supervisor.load(spec(HANG, instance=2, limits=UNGUARDED, probation=True))
        house.supervisor.post(2, Enter(1, "Eve"))
        house.supervisor.post(2, Input(1, "go"))
        proven = house.supervisor.worker_pids()[0]
        house.now += 0.1
        house.supervisor.flush(house.now)
        await house.until(lambda: bool(house.faults))
        assert [(f.instance, f.code) for f in house.faults] == [(2, "sandbox.hung")]
        assert house.supervisor.worker_pids()[0] == proven
        assert house.supervisor.generation(1) == 1

    in_house(test)


def test_the_recorder_is_told_every_batch_with_its_digest(in_house, spec) -> None:
    class Tape:
        def __init__(self) -> None:
            self.rows: list[tuple[object, ...]] = []

        def began(self, spec, generation, step) -> None:
            self.rows.append(("began", spec.store, spec.now, generation, step.events))

        def stepped(self, step) -> None:
            self.rows.append(("step", step.generation, step.events != b"", step.cut is not None))

        def ended(self, instance, generation, why) -> None:
            self.rows.append(("ended", instance, generation, why))

    tape = Tape()

    async def test(house) -> None:
        house.supervisor._tap._recorder = tape
        await house.supervisor.load(spec(HANG, store=b""))
        house.supervisor.post(1, Enter(1, "Ada"))
        await house.flush()
        house.supervisor.post(1, Input(1, "go"))
        await house.flush()
        os.kill(house.supervisor.worker_pids()[0], signal.SIGKILL)
        await house.until(lambda: any(o.fresh for o in house.outboxes))
        await house.supervisor.unload(1)

    in_house(test)
    assert tape.rows == [
        ("began", b"", 1000.0, 1, b""),
        ("step", 1, True, False),
        ("step", 1, True, True),
        ("ended", 1, 1, "sandbox.restarted"),
        ("began", b"", tape.rows[4][2], 2, b""),
        ("step", 2, True, False),
        ("ended", 1, 2, "ended"),
    ]


def test_the_same_bytes_decode_to_the_same_commands() -> None:
    assert decode_commands(b"", limit=1, footprint=(1.0, 1.0, 1.0), capabilities=frozenset()) == ()
    assert Stop("x") == Stop("x")
