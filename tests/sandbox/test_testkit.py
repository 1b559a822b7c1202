"""The creators' test kit tells passing from failing, with the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.testkit import TestReport, run_package_tests
from sandbox.texts import read_texts

MANIFEST = """
id = "ada/toss"
version = "1.0.0"
[footprint]
cells = [1, 1]
[capabilities]
required = ["world.build", "match", "reward.claim", "store", "ui", "chat.listen"]
[settings.prize]
default = 2
"""
GAME = """
local peg = mall.world.spawn { id = "peg", model = "cone", at = {5, 0, 5}, area = { radius = 1 }, tags = {"peg"} }
mall.on("interact", function(p) mall.rewards.claim { player = p, pool = "daily", amount = mall.settings.prize } end)
mall.on("area", function(p, e, inside) if inside then e:set { at = {9, 0, 9} } end end)
mall.on("input", function(p, action) if action == "crash" then error("boom") end while action == "spin" do end end)
local emote
mall.on("emote", function(p, name) emote = name end)
mall.on("chat", function(p, text) mall.ui.toast(p, "heard " .. text) end)
mall.chat.command("shout", function(p, text) mall.ui.toast(p, emote .. " " .. text) end)
mall.on("ui", function(p) mall.ui.actions(p, { { name = "dig" } }) end)
"""


def run(folder: Path, test: str) -> TestReport:
    (folder / "tests").mkdir(parents=True)
    (folder / "package.toml").write_text(MANIFEST)
    (folder / "init.lua").write_text(GAME)
    (folder / "tests" / "a.lua").write_text(test)
    return run_package_tests(folder)


def error_of(folder: Path, body: str) -> str:
    report = run(folder, f'mall.test("it", function(t)\nlocal ada = t:join("Ada")\n{body}\nend)')
    assert [result.name for result in report.results] == ["it"]
    assert report.passed == (report.results[0].error == "")
    return report.results[0].error


@pytest.mark.parametrize(
    "body",
    [
        "t:interact(ada, 'peg') t:expect_claims('daily', { [ada] = 2 })",
        "t:settings { prize = 1 } t:interact(ada, 'peg') t:expect_claims('daily', { [ada] = 1 })",
        "t:move(ada, {5, 0, 5}) t:expect_equal(t:entities('peg')[1].at[1], 9.0)",
        "t:input(ada, 'crash') t:expect_fault('sandbox.script_error')",
        "t:advance(3) t:expect_budget { per_event = 10000, entities = 1 }",
        "t:seed(4) t:expect_equal(#t:entities(), 1)",
        "t:emote(ada, 'wave') t:chat(ada, '/shout hey') t:expect_equal(t:toasts(ada)[1], 'wave hey')",
        "t:chat(ada, 'hey') t:expect_equal(t:toasts(ada)[1], 'heard hey')",
        "t:ui(ada, 'show') t:expect_equal(t:actions(ada)[1], 'dig') t:input(ada, 'dig')",
    ],
)
def test_what_holds_passes(tmp_path: Path, body: str) -> None:
    assert error_of(tmp_path / "p", body) == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("t:expect(false, 'rain')", "tests/a.lua:3: expected rain"),
        ("t:interact(ada, 'peg') t:expect_claims('daily', {})", "expected no claim"),
        ("t:expect_claims('daily', { [ada] = 2 })", "expected claims of 2 LIVE"),
        ("t:interact(ada, 'pig')", "there is no entity 'pig'"),
        ("t:input(ada, 'crash')", "init.lua:5: sandbox.script_error: boom"),
        ("t:input(ada, 'spin')", "sandbox.budget_exceeded"),
        ("t:ui(ada, 'show') t:input(ada, 'x')", "the action 'x' is not shown to player 1 now"),
        ("t:chat(ada, '/none')", "there is no command /none here"),
        ("t:expect_budget { entities = 0 }", "entities to stay below 0"),
        ("local x = nil + 1", "tests/a.lua:3: attempt"),
        ("while true do end", "sandbox.budget_exceeded"),
        ("t:join(nil, { at = 'there' })", ""),
    ],
)
def test_what_does_not_hold_fails_with_its_place(tmp_path: Path, body: str, words: str) -> None:
    error = error_of(tmp_path / "p", body)
    assert words in error
    assert error or body.startswith("t:join")


def test_a_broken_test_file_fails(tmp_path: Path) -> None:
    report = run(tmp_path / "p", "mall.test(")
    assert not report.passed
    assert "tests/a.lua:1" in report.results[0].error


def test_a_package_without_tests_does_not_pass(tmp_path: Path) -> None:
    assert not run(tmp_path / "p", "").passed


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no_manifest"):
        run_package_tests(tmp_path)


def test_translations_are_read() -> None:
    head = 'msgid ""\nmsgstr "Language: es\\n"\n\n# note\n'
    po = head + 'msgid "Go"\nmsgstr "Ya"\nmsgid "long "\n"text"\nmsgstr "largo"\n'
    assert read_texts(po.encode()) == {"Go": "Ya", "long text": "largo"}
