"""What a placement may use: the manifest's budget cut to what its land allows."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.errors import MallError
from host.packages import limits
from host.packages.limits import LARGEST, LARGEST_CELLS, ONE_TIERRA, Budget, allowance
from host.placements.limits import explain, limits_for, require_budget
from sandbox.limits import DEFAULT_LIMITS, DEFAULT_PROCESS_LIMITS
from tests.placements.conftest import BOB, World

CELLS = st.integers(1, LARGEST_CELLS)
BUDGETS = st.builds(Budget, **{f.name: st.integers(1, 2 * getattr(LARGEST, f.name)) for f in fields(Budget)})
PLACEMENTS_OF_A_WORKER = 200


@given(BUDGETS, CELLS)
def test_nobody_gets_more_than_asked_for_or_than_the_land_allows(asked: Budget, cells: int) -> None:
    most, got = allowance(cells), limits_for(asked, cells)
    assert got.memory_bytes == min(asked.memory_kib, most.memory_kib) * 1024
    assert got.store_bytes == min(asked.store_kib, most.store_kib) * 1024
    assert got.event_instructions == min(asked.instructions_per_event, most.instructions_per_event)
    assert got.second_instructions == min(asked.instructions_per_second, most.instructions_per_second)
    for name in ("entities", "timers", "ui_nodes"):
        assert getattr(got, name) == min(getattr(asked, name), getattr(most, name))
    assert all(value > 0 for value in asdict(got).values())


@given(CELLS, CELLS)
def test_more_land_never_allows_less(one: int, other: int) -> None:
    smaller, larger = allowance(min(one, other)), allowance(max(one, other))
    assert all(getattr(smaller, f.name) <= getattr(larger, f.name) for f in fields(Budget))


@given(BUDGETS, CELLS)
def test_a_budget_is_refused_exactly_where_it_would_be_cut(asked: Budget, cells: int) -> None:
    most = allowance(cells)
    fits = all(getattr(asked, f.name) <= getattr(most, f.name) for f in fields(Budget))
    if fits:
        require_budget("ada/game", asked, cells)
        return
    with pytest.raises(MallError) as caught:
        require_budget("ada/game", asked, cells)
    facts = caught.value.facts
    assert caught.value.code == "placement.budget_too_large"
    assert (facts["asked"], facts["allowed"]) == (
        getattr(asked, str(facts["key"])),
        getattr(most, str(facts["key"])),
    )


def test_one_tierra_allows_the_sandboxs_defaults() -> None:
    assert limits_for(ONE_TIERRA, 1) == DEFAULT_LIMITS


def test_a_worker_holds_all_its_placements_at_the_ceiling() -> None:
    assert PLACEMENTS_OF_A_WORKER * LARGEST.memory_kib * 1024 < DEFAULT_PROCESS_LIMITS.address_space_bytes


def test_a_creator_reads_what_is_left_of_each_number() -> None:
    lines = explain(ONE_TIERRA, 4)
    assert "memory_kib 2,048 of 4,096 allowed on 4 Tierra" in lines
    assert len(lines) == len(fields(Budget))


def test_a_request_for_more_than_the_land_gives_is_refused_by_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release may have been approved when the land allowed more."""
    release = world.release(cells=[2, 2], more="[budget]\nmemory_kib = 4096")
    monkeypatch.setattr(limits, "WORK_GROWTH", 1.5)
    with pytest.raises(MallError) as caught:
        world.request(release, tierra=0)
    error = caught.value
    assert error.code == "placement.budget_too_large"
    assert dict(error.facts) == {"key": "memory_kib", "asked": 4096, "allowed": 3072}
    assert "memory_kib = 4,096; 4 Tierra allow 3,072" in error.message


def test_what_was_enabled_runs_on_with_what_is_allowed_now(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.enabled(world.release(cells=[2, 2], more="[budget]\nmemory_kib = 4096"), tierra=0)
    asked = world.packages.manifest(world.packages.get(world.tx, place.release)).budget
    assert limits_for(asked, place.width * place.depth).memory_bytes == 4 << 20
    monkeypatch.setattr(limits, "WORK_GROWTH", 1.5)
    assert limits_for(asked, place.width * place.depth).memory_bytes == 3 << 20
    world.do(lambda tx: world.placements.pause(tx, BOB, place.id))
    assert world.do(lambda tx: world.placements.resume(tx, BOB, place.id)).state == "enabled"
