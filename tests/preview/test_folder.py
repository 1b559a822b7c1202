"""A save is seen once, when it lies still; a preview is a version of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from host.errors import MallError
from host.packages import semver
from host.preview.folder import Watch, changed, digest, look, stamped


def test_what_a_person_saves_is_looked_at_and_what_an_editor_keeps_is_not(tmp_path: Path) -> None:
    for path in ("init.lua", "lib/a.lua", ".luals/mall.lua", ".init.lua.swp", "tests/a_test.lua"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x")
    assert set(look(tmp_path)) == {"init.lua", "lib/a.lua"}
    assert look(tmp_path / "gone") == {}


def test_changed_names_what_is_new_gone_or_other() -> None:
    assert changed({"a": (1, 1), "b": (1, 1), "c": (1, 1)}, {"a": (1, 1), "b": (1, 2), "d": (0, 0)}) == [
        "b",
        "c",
        "d",
    ]


def test_a_save_is_told_once_when_it_lies_still() -> None:
    """An editor that empties the file, writes half of it, then the rest."""
    seen = iter(
        [{"a": (3, 1)}, {"a": (3, 1)}, {"a": (0, 2)}, {"a": (5, 3)}, {"a": (9, 4)}, {"a": (9, 4)}, {}, {}]
    )
    watch = Watch(Path(), look=lambda _: next(seen))

    async def story() -> None:
        assert await watch.saved() == ["a"]
        assert next(seen) == {}  # nothing was looked at beyond the second equal look

    asyncio.run(story())


def test_saves_of_a_real_folder_are_told_by_name(tmp_path: Path) -> None:
    async def story() -> None:
        (tmp_path / "init.lua").write_text("one")
        watch = Watch(tmp_path)
        (tmp_path / "init.lua").write_text("other")
        assert await asyncio.wait_for(watch.saved(), 10) == ["init.lua"]
        (tmp_path / "new.lua").write_text("x")
        (tmp_path / "init.lua").unlink()
        assert await asyncio.wait_for(watch.saved(), 10) == ["init.lua", "new.lua"]

    asyncio.run(story())


def test_a_preview_has_a_version_of_its_own_before_the_one_it_will_be() -> None:
    files = {"package.toml": b'id = "a/b"\nversion = "1.2.0"   # mine\nnotes = "version = 3"\n'}
    text = stamped(files, 1763843000)["package.toml"]
    assert text == b'id = "a/b"\nversion = "1.2.0-p.1763843000"   # mine\nnotes = "version = 3"\n'
    assert semver.problem("1.2.0-p.1763843000") is None
    assert semver.key("1.2.0-p.1763843000") < semver.key("1.2.0")
    assert stamped({"package.toml": text}, 1763843001)["package.toml"] == text.replace(b"3000", b"3001")


def test_a_manifest_without_a_plain_version_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(MallError, match="on a line of its own") as caught:
        stamped({"package.toml": b"x = 1"}, 1)
    assert caught.value.code == "preview.no_version"


def test_the_digest_knows_files_again() -> None:
    assert digest({"a": b"bc"}) == digest({"a": b"bc"}) != digest({"ab": b"c"})
