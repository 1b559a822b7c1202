"""Faults: which pause a placement, what is kept of them, and who is told what."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host import notices
from host.accounts.models import SYSTEM
from host.events import NoticeSent
from host.placements import fault_store, faults
from host.placements.faults import (
    BUDGET_CODES,
    KILL_CODES,
    KILLS,
    KILLS_S,
    STRIKES,
    STRIKES_S,
    FaultNote,
    Strike,
    remembered,
    verdict,
)
from host.storage import audit
from host.storage.database import connect
from tests.packages.making import KEYS
from tests.placements.conftest import BOB, World

BUDGET, HUNG, SCRIPT = "sandbox.budget_exceeded", "sandbox.hung", "sandbox.script_error"
TIMES = st.floats(0, 3 * KILLS_S, allow_nan=False)
STRUCK = st.lists(st.builds(Strike, TIMES, st.sampled_from(sorted(BUDGET_CODES | KILL_CODES))), max_size=12)


def note(code: str = BUDGET, at: float = 1000.0, **more: object) -> FaultNote:
    fields = {"file": "init.lua", "line": 3, "handler": "interact", "limit": 1e6, "used": 1_000_500.0}
    return FaultNote(code, "1,000,000 instructions per event", at, at, **{**fields, **more})  # type: ignore[arg-type]


@given(STRUCK, TIMES)
def test_a_placement_is_paused_by_three_strikes_in_ten_minutes_or_two_kills_in_an_hour(
    strikes: list[Strike], now: float
) -> None:
    before = [s for s in strikes if s.at <= now]
    kills = [s for s in before if s.code in KILL_CODES and now - s.at < KILLS_S]
    recent = [s for s in before if now - s.at < STRIKES_S]
    found = verdict(before, now)
    assert (found is not None) == (len(kills) >= 2 or len(recent) >= 3)
    if found is not None:
        assert (found.times, found.seconds) in ((len(kills), KILLS_S), (len(recent), STRIKES_S))


@given(STRUCK, TIMES)
def test_what_is_forgotten_changes_no_verdict_then_or_later(strikes: list[Strike], now: float) -> None:
    before = [s for s in strikes if s.at <= now]
    kept = remembered(before, now)
    assert verdict(kept, now) == verdict(before, now)
    assert verdict(remembered(kept, now + 60.0), now + 60.0) == verdict(before, now + 60.0)
    assert set(kept) <= set(before)


def test_a_script_error_is_no_strike_however_often(world: World) -> None:
    place = world.enabled(world.release())
    for n in range(20):
        world.do(lambda tx, n=n: world.placements.note_faults(tx, place.id, [note(SCRIPT, line=n)]))
    assert world.placements.get(world.tx, place.id).state == "enabled"
    assert fault_store.strikes(world.tx, place.id) == []


@pytest.mark.parametrize(
    ("code", "most"), [(BUDGET, STRIKES), (HUNG, KILLS), ("sandbox.memory_exceeded", STRIKES)]
)
def test_the_last_strike_pauses_and_tells_holder_and_author(world: World, code: str, most: int) -> None:
    place = world.enabled(world.release())
    for n in range(most):
        assert world.placements.get(world.tx, place.id).state == "enabled"
        world.now += 10.0
        told = world.do(lambda tx, at=world.now: world.placements.note_faults(tx, place.id, [note(code, at)]))
        assert bool(told) == (n == most - 1)
    paused = world.placements.get(world.tx, place.id)
    assert paused.state == "paused"
    assert paused.reason.startswith(f"{code}: ")
    ada, bob = KEYS["ada"].address, BOB.address
    (to_author,), (to_holder,) = notices.of_address(world.tx, ada), notices.of_address(world.tx, bob)
    for text in (to_author.text, to_holder.text):
        for said in ("ada/ring-toss 1.0.0", "Tierra 5", f"{most} times", code, "init.lua:3", "interact",
                     "Limit 1,000,000, used 1,000,500"):  # fmt: skip
            assert said in text
    assert f"mall logs {place.id}" in to_author.text
    assert f"mall resume {place.id}" in to_holder.text
    assert "resume" not in to_author.text
    assert [e.address for e in world.events if isinstance(e, NoticeSent)] == [bob, ada]
    audit.verify(world.tx.all("select * from audit order by seq"))


def test_the_count_is_on_the_disk_so_a_restart_forgives_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    place = world.enabled(world.release())
    for _ in range(2):
        world.do(lambda tx: world.placements.note_faults(tx, place.id, [note()]))
    world.connection.close()
    world.connection = connect(tmp_path / "mall.db")
    assert world.do(lambda tx: world.placements.note_faults(tx, place.id, [note()]))
    assert world.placements.get(world.tx, place.id).state == "paused"
    world.connection.close()


def test_after_the_holder_resumed_the_count_begins_anew(world: World) -> None:
    place = world.enabled(world.release())
    world.do(lambda tx: world.placements.note_faults(tx, place.id, [note(times=5)]))
    world.do(lambda tx: world.placements.resume(tx, BOB, place.id))
    for _ in range(2):
        world.do(lambda tx: world.placements.note_faults(tx, place.id, [note()]))
    assert world.placements.get(world.tx, place.id).state == "enabled"
    world.do(lambda tx: world.placements.note_faults(tx, place.id, [note()]))
    assert world.placements.get(world.tx, place.id).state == "paused"
    assert len(notices.of_address(world.tx, BOB.address)) == 2


def test_faults_that_come_after_the_pause_are_kept_and_pause_nothing_again(world: World) -> None:
    place = world.enabled(world.release())
    for _ in range(10):
        world.do(lambda tx: world.placements.note_faults(tx, place.id, [note()]))
    assert [f.times for _, f in world.placements.faults(world.tx, place.id)] == [10]
    assert len(notices.of_address(world.tx, BOB.address)) == 1


def test_an_error_loop_is_one_row_and_the_ring_is_bounded(world: World) -> None:
    place = world.enabled(world.release())
    for n in range(100):
        world.do(lambda tx, n=n: world.placements.note_faults(tx, place.id, [note(SCRIPT, 1000.0 + n)]))
    ((version, only),) = world.placements.faults(world.tx, place.id)
    assert (version, only.times, only.at, only.last) == ("1.0.0", 100, 1000.0, 1099.0)
    for n in range(3 * fault_store.KEPT):
        world.do(lambda tx, n=n: world.placements.note_faults(tx, place.id, [note(SCRIPT, line=n)]))
    found = world.placements.faults(world.tx, place.id)
    assert len(found) == fault_store.KEPT
    assert found[0][1].line == 3 * fault_store.KEPT - 1


def test_one_wallet_that_is_both_gets_one_notice(world: World) -> None:
    text = faults.pause_text(note(), faults.Verdict(3, 600.0, "a limit was broken"), what="X", placement=7, author=True,
                             holder=True)  # fmt: skip
    assert "Author:" in text
    assert "Holder:" in text


def test_notices_are_bounded_and_seen_once(world: World) -> None:
    for n in range(notices.KEPT + 20):
        world.do(
            lambda tx, n=n: notices.send(tx, BOB.address, "placement:1", "placement.paused", f"notice {n}")
        )
    found = notices.of_address(world.tx, BOB.address, unseen=True)
    assert len(found) == notices.KEPT
    assert found[0].text == f"notice {notices.KEPT + 19}"
    world.do(lambda tx: notices.mark_seen(tx, BOB.address, found[1].id))
    assert [n.id for n in notices.of_address(world.tx, BOB.address, unseen=True)] == [found[0].id]


def test_only_the_host_and_the_holder_pause_and_resume(world: World) -> None:
    place = world.enabled(world.release())
    world.do(lambda tx: world.placements.pause(tx, SYSTEM, place.id, "faults"))
    assert world.do(lambda tx: world.placements.resume(tx, BOB, place.id)).state == "enabled"
