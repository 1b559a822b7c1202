"""Each guard of the threat model stops an attack that gets through when the guard is taken out."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from tests.sandbox.conftest import Game
from tests.sandbox.guards import HostGuard, LuaGuard, Row, lua_guards, other_rows
from tests.sandbox.guards_commands import COMMAND_GUARDS
from tests.sandbox.guards_jail import JAIL_GUARDS, JailGuard
from tests.sandbox.guards_worker import WORKER_GUARDS
from tests.sandbox.mutants import jailed_without, lua_without, python_without

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threat_model.md"
WITHOUT_GUARDS = [
    "api_actions", "api_avatar", "api_board", "api_facts", "api_places", "api_players", "api_rounds", "api_sight",
    "api_texts", "handover", "hints", "prof", "settings", "testkit",
]  # fmt: skip
"""Files of `sandbox/lua` that hold no guard of their own: their checks are calls of the core's, or they serve tools."""
LUA_GUARDS = lua_guards()
HOST_GUARDS = (*WORKER_GUARDS, *COMMAND_GUARDS)
ROWS = [*(guard.row for guard in (*LUA_GUARDS, *HOST_GUARDS, *JAIL_GUARDS)), *other_rows()]


@pytest.mark.parametrize("guard", LUA_GUARDS, ids=lambda guard: guard.guard)
def test_a_guard_of_lua_matters(guard: LuaGuard) -> None:
    with lua_without(*guard.also):
        assert guard.is_safe(), guard.outcome()
    with lua_without(*guard.also, (guard.file, guard.old, guard.new)):
        assert not guard.is_safe(), guard.outcome()


@pytest.mark.parametrize("guard", HOST_GUARDS, ids=lambda guard: guard.guard)
def test_a_guard_of_the_host_matters(guard: HostGuard) -> None:
    assert guard.attack(python_without(guard.file))
    assert not guard.attack(python_without(guard.file, (guard.old, guard.new)))


@pytest.mark.skipif(sys.platform != "linux", reason="the jail is made of means of Linux")
@pytest.mark.parametrize("guard", JAIL_GUARDS, ids=lambda guard: guard.guard)
def test_a_step_of_the_jail_matters(guard: JailGuard) -> None:
    if os.geteuid() != 0 and guard.guard in ("another user", "empty root", "no network"):
        pytest.skip("only root can leave this step out and be another than before")
    user = guard.user if os.geteuid() == 0 else 0
    whole = jailed_without(guard.also, guard.attempt, user, **guard.options)
    lame = jailed_without([*guard.also, (guard.old, guard.new)], guard.attempt, user, **guard.options)
    assert guard.safe in whole
    assert guard.safe not in lame, lame


def table(rows: list[Row]) -> str:
    """The rows as they stand in the page."""
    lines = ["| Guard | Where | Without it | Test |", "|---|---|---|---|"]
    lines += [f"| {row.guard} | {row.where} | {row.without} | `{row.test}` |" for row in rows]
    return "\n".join(lines) + "\n"


def test_the_page_lists_every_guard_with_its_test() -> None:
    """Where it fails: `python -m tests.sandbox.test_guards_matter` puts the table in."""
    assert table(ROWS) in PAGE.read_text(encoding="utf-8")


def test_each_guard_is_told_once() -> None:
    names = [(row.where.split()[0], row.guard) for row in ROWS]
    assert sorted(set(names)) == sorted(names)


def test_each_test_that_the_page_names_exists() -> None:
    defined: dict[str, set[str]] = {}
    for row in ROWS:
        path, _, name = row.test.partition("::")
        if path not in defined:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            defined[path] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name.partition("[")[0] in defined[path], row.test


def test_every_other_file_of_lua_has_a_row() -> None:
    told = {row.where.split("`")[1] for row in ROWS if row.where.startswith("`lua/")}
    files = {path.stem for path in (ROOT / "sandbox" / "lua").glob("*.lua")}
    assert sorted(files - {Path(file).stem for file in told}) == WITHOUT_GUARDS


def test_our_own_globals_are_gone() -> None:
    names = b"io os package debug load collectgarbage string table coroutine".split()
    game = Game("")
    assert [name for name in names if game.state._runtime.globals()[name] is not None] == []
    with lua_without(("strip.lua", "    G[name] = nil\n", "")):
        lame = Game("")
        assert lame.state._runtime.globals()[b"debug"] is not None


def main() -> None:
    """Puts the table into the page, whose last part it is."""
    head = PAGE.read_text(encoding="utf-8").partition("| Guard | Where |")[0]
    PAGE.write_text(head + table(ROWS), encoding="utf-8")


if __name__ == "__main__":
    main()
