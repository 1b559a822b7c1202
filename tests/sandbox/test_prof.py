"""A profile says which handler used what: bots play by a seed, each figure is booked to the function it belongs to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.bots import COMMON_ACTIONS, declared_actions
from sandbox.errors import SandboxError
from sandbox.limits import DEFAULT_LIMITS
from sandbox.prof import Handler, Profile, profile

MANIFEST = """
id = "ada/played"
version = "1.0.0"
[footprint]
cells = [1, 1]
[capabilities]
required = ["world.build", "match", "ui", "store"]
"""
GAME = """
local function busy(n) local s = 0 for i = 1, n do s = s + i end return s end
local kind = mall.match.define { seconds = 2 }
mall.world.spawn { id = "bell", at = { 7.5, 0, 7.5 }, clickable = { reach = 10 } }
mall.on("interact", function(player) kind:join(player) busy(1000) end)
mall.on("interact", function() busy(4000) end)
mall.every(1, function() busy(2000) mall.store.set("at", mall.now()) end)
kind:on("finish", function() busy(500) end)
mall.on("input", function(player, action) if action == "dance" then pcall(busy, 300) end end)
mall.on("tick", function() table.sort({ 3, 2, 1 }, function(a, b) return a < b end) end)
"""


def package(folder: Path, source: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "package.toml").write_text(MANIFEST)
    (folder / "init.lua").write_text(source)
    return folder


def played(folder: Path, source: str = GAME, **options: float) -> Profile:
    asked = {"seconds": 10.5, "players": 4, "seed": 1, **options}
    return profile(package(folder, source), **asked)  # type: ignore[arg-type]


def by_line(found: Profile) -> dict[str, Handler]:
    return {handler.where: handler for handler in found.handlers}


def test_each_handler_is_told_with_its_event_and_its_line(tmp_path: Path) -> None:
    found = by_line(played(tmp_path))
    assert {where: handler.event for where, handler in found.items()} == {
        "init.lua": "load",
        "init.lua:5": "interact",
        "init.lua:6": "interact",
        "init.lua:7": "every",
        "init.lua:8": "match finish",
        "init.lua:9": "input",
        "init.lua:10": "tick",
    }
    assert found["init.lua:7"].calls == 10
    assert found["init.lua:5"].calls == found["init.lua:6"].calls


def test_what_two_handlers_of_one_event_used_is_told_apart(tmp_path: Path) -> None:
    found = by_line(played(tmp_path))
    first, second = found["init.lua:5"], found["init.lua:6"]
    assert 2.5 < second.instructions / first.instructions < 4.5
    assert second.most_instructions >= second.instructions / second.calls > 4000
    assert second.cpu_s > first.cpu_s > 0


def test_a_function_that_a_handler_calls_belongs_to_the_handler(tmp_path: Path) -> None:
    assert "init.lua:2" not in by_line(played(tmp_path))


def test_the_hottest_line_is_the_one_that_works(tmp_path: Path) -> None:
    line, share = played(tmp_path).lines[0]
    assert line == "init.lua:2"
    assert share > 0.5


def test_the_same_seed_gives_the_same_figures_and_another_one_others(tmp_path: Path) -> None:
    def figures(seed: int) -> list[tuple[str, int, int]]:
        handlers = played(tmp_path, seed=seed).handlers
        return [(one.where, one.calls, one.instructions) for one in handlers]

    assert figures(1) == figures(1)
    assert figures(1) != figures(2)


def test_meters_show_the_worst_against_the_limits(tmp_path: Path) -> None:
    meters = {meter.name: meter for meter in played(tmp_path).meters}
    assert meters["instructions per event"].limit == DEFAULT_LIMITS.event_instructions
    assert 5_000 < meters["instructions per event"].used < 50_000
    assert meters["instructions per second"].used >= meters["instructions per event"].used
    assert meters["entities"].used == 1
    assert meters["store KiB"].used > 0
    assert all(0 < meter.share < 1 for name, meter in meters.items() if name != "CPU ms per event")


def test_a_game_that_breaks_its_budget_is_told_with_line(tmp_path: Path) -> None:
    found = played(tmp_path, "mall.every(1, function()\nwhile true do end end)\n")
    assert len(found.faults) == 1
    assert "init.lua:2: sandbox.budget_exceeded" in found.faults[0]
    assert found.meters[0].share >= 1


def test_a_game_that_fills_its_memory_ends_the_profile(tmp_path: Path) -> None:
    found = played(
        tmp_path,
        "local kept = {}\nmall.every(1, function() for i = 1, 60000 do kept[#kept + 1] = {} end end)",
    )
    assert any("sandbox.memory_exceeded" in fault for fault in found.faults)


def test_a_game_that_does_not_load_is_refused_with_line(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"init\.lua:1"):
        played(tmp_path, "x = = 1")


def test_profiling_does_not_change_what_a_game_does(tmp_path: Path) -> None:
    """Errors blame the same line, coroutines and sorting work, and limits hold in the slowed play, too."""
    source = """
    mall.every(1, function()
      local co = coroutine.wrap(function() coroutine.yield(1) error("gone") end)
      co()
      local ok, text = pcall(co)
      mall.log(ok, text)
      mall.nothing.more()
    end)
    """
    found = played(tmp_path, source, players=1)
    assert [fault.split(": ")[0] for fault in found.faults] == ["init.lua:7"]
    assert by_line(found)["init.lua:2"].calls == 10


def test_bots_press_what_the_sources_ask_for() -> None:
    assert declared_actions({"a.lua": b"if action == \"throw\" or action=='jump_high' then"}) == (
        "jump_high",
        "throw",
    )
    assert declared_actions({"a.lua": b"return 1"}) == COMMON_ACTIONS


def test_lower_limits_are_those_of_the_meters(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, event_instructions=10_000)
    found = profile(package(tmp_path, GAME), seconds=3, players=2, seed=1, limits=limits)
    assert any("10000 instructions per event" in fault for fault in found.faults)


def test_a_game_above_its_sustained_budget_is_told_to_the_end(tmp_path: Path) -> None:
    found = played(tmp_path, 'mall.on("tick", function()\nfor i = 1, 100000 do local x = i * 2 end end)')
    assert by_line(found)["init.lua:1"].calls >= 100
    assert {meter.name: meter.share > 1 for meter in found.meters}["instructions per second"]
