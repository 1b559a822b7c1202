"""The scan tells everything that a machine can find, with its place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import builtin_games
from host.packages.archive import open_package, pack, read_folder
from host.packages.scan import _code, scan
from tests.packages.making import asset, files, lua_check

PNG = b"\x89PNG\r\n\x1a\n data"


def found(**changes) -> set[tuple[str, str, str]]:
    return {(f.level, f.code, f.path) for f in scan(open_package(files(**changes)), lua_check)}


def test_a_sound_package_scans_clean() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"lua": "local x = \n"}, ("block", "package.lua_syntax", "init.lua:2")),
        ({"lua": "\x1bLua"}, ("block", "package.bytecode", "init.lua")),
        ({"top": 'entry = "lib/other.lua"'}, ("block", "package.entry_missing", "package.toml:entry")),
        ({"lua": "\n\nmall.net.fetch{}"}, ("block", "package.capability_missing", "init.lua:3")),
        ({"lua": "mall . bus.send()"}, ("block", "package.capability_missing", "init.lua:1")),
        ({"lua": "\np:teleport({})"}, ("warn", "package.capability_missing", "init.lua:2")),
        ({"lua": "mall.on('chat', f)"}, ("warn", "package.capability_missing", "init.lua:1")),
        ({"optional": ["bus"]}, ("warn", "package.capability_unused", "package.toml:capabilities.optional")),
        (
            {"more": "[budget]\nmemory_kib = 2049"},
            ("block", "package.budget", "package.toml:budget.memory_kib"),
        ),
        ({"extra": {"assets/a.png": PNG}}, ("block", "package.asset_unlisted", "assets/a.png")),
        ({"more": asset("assets/a.png", PNG)}, ("block", "package.asset_missing", "package.toml:assets")),
        (
            {"more": asset("assets/a.png", b"GIF"), "extra": {"assets/a.png": b"GIF"}},
            ("block", "package.asset_kind", "assets/a.png"),
        ),
        ({"extra": {"README.md": b"a\n\xff"}}, ("block", "package.text", "README.md:2")),
        ({"top": 'languages = ["fr"]'}, ("warn", "package.locale_missing", "package.toml:languages")),
        ({"pool": ""}, ("block", "package.kind", "package.toml:pools")),
        ({"optional": ["game.chance"]}, ("block", "package.chance_rating", "package.toml:age.rating")),
        (
            {"extra": {"lib/big.lua": b"--" + b" " * (256 << 10)}},
            ("block", "package.source_size", "init.lua"),
        ),
        ({"extra": {"tests/a_test.lua": b"("}}, ("block", "package.lua_syntax", "tests/a_test.lua:1")),
    ],
)
def test_each_fault_is_found_at_its_place(changes: dict, finding: tuple[str, str, str]) -> None:
    assert finding in found(**changes)


def test_a_larger_parcel_allows_more() -> None:
    assert found(cells=[2, 2], more="[budget]\nmemory_kib = 4096") == set()


def test_comments_texts_and_tests_use_no_capability() -> None:
    lua = 'local a = "mall.net"\n--[==[ mall.bus\n ]] ]==] local b = [[ mall.npc ]] -- mall.ticket\nreturn mall.world'
    codes = found(
        lua=lua, required=["world.build"], pool="", extra={"tests/a_test.lua": b"mall.shop.offer()"}
    )
    assert codes == set()


@given(st.text(alphabet="[]=-\"'\\\nab ", max_size=60))
def test_blanking_keeps_every_line_and_length(source: str) -> None:
    for keep in (True, False):
        blanked = _code(source, keep_strings=keep)
        assert len(blanked) == len(source)
        assert [i for i, c in enumerate(blanked) if c == "\n"] == [
            i for i, c in enumerate(source) if c == "\n"
        ]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["[[", "[=", "--[==[", '"', "mall ", ": ", "]]", "\\'"])
def test_hostile_sources_take_linear_time(unit: str) -> None:
    source = unit * ((250 << 10) // len(unit))
    began = time.process_time()
    scan(open_package(files(lua=source)), lambda source, name: None)
    assert time.process_time() - began < 10


GAMES = sorted(p.parent for p in Path(builtin_games.__file__).parent.glob("*/package.toml"))


@pytest.mark.parametrize("folder", GAMES, ids=lambda folder: folder.name)
def test_the_shipped_games_pack_the_same_each_time_and_scan_clean(folder: Path) -> None:
    made = read_folder(folder)
    assert pack(made) == pack(read_folder(folder))
    assert [f for f in scan(open_package(made), lua_check) if f.level != "info"] == []
