"""Which engine is chosen, and how versions are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.errors import MallError
from host.godot.engine import MANIFEST, cache_root, find, installed, parse_version, require, usable

NO_LIBRARIES = '{"version": "4.6", "loader": "usr/lib64/ld-linux.so.2", "libraries": []}'


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return path


def fake_tree(cache: Path, version: str) -> Path:
    tree = cache / "mall/engine" / version
    program(tree / "usr/bin/godot", "exit 0")
    program(tree / "usr/lib64/ld-linux.so.2", "exit 0")
    manifest = {
        "version": version,
        "loader": "usr/lib64/ld-linux.so.2",
        "libraries": ["usr/lib/x"],
        "renders": True,
    }
    (tree / MANIFEST).write_text(json.dumps(manifest))
    return tree


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4.6.3.stable.debian4.6.3+ds-2\n", (4, 6, 3)),
        ("4.4.stable.official.4c311cbee", (4, 4, 0)),
        ("4.10.1+ds-3~bpo13+1", (4, 10, 1)),
        ("3.5.2.stable", (3, 5, 2)),
        ("Godot", None),
        ("", None),
    ],
)
def test_version_texts(text: str, wanted: tuple[int, int, int] | None) -> None:
    assert parse_version(text) == wanted


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ((4, 4, 0), True),
        ((4, 3, 9), False),
        ((3, 6, 0), False),
        ((5, 0, 0), False),
        (None, False),
        ((4, 10, 0), True),
    ],
)
def test_usable_is_godot_4_from_4_4(version: tuple[int, int, int] | None, good: bool) -> None:
    assert usable(version) is good


def test_choice_goes_from_variable_to_path_to_cache(tmp_path: Path, environ: dict[str, str]) -> None:
    assert find(environ) is None
    tree = fake_tree(tmp_path / "cache", "4.6.3+ds-2")
    found = find(environ)
    assert found is not None
    assert found.tree == tree
    on_path = program(tmp_path / "bin/godot4", "echo 4.5.stable")
    found = find(environ)
    assert found is not None
    assert (found.path, found.version, found.command) == (on_path, "4.5.stable", (str(on_path),))
    named = program(tmp_path / "own/engine", "echo 4.4.1.stable")
    found = find({**environ, "MALL_GODOT": str(named)})
    assert found is not None
    assert found.path == named


@pytest.mark.parametrize("says", ["echo 3.5.2.stable", "echo 4.3.stable", "exit 1", "echo nonsense"])
def test_an_unusable_engine_on_path_is_passed_over(
    tmp_path: Path, environ: dict[str, str], says: str
) -> None:
    program(tmp_path / "bin/godot", says)
    assert find(environ) is None
    newer = program(tmp_path / "bin/godot4", "echo a warning; echo 4.6.stable")
    found = find(environ)
    assert found is not None
    assert found.path == newer


@pytest.mark.parametrize("says", [None, "echo 3.5.2.stable"])
def test_a_named_engine_is_never_replaced_in_silence(
    tmp_path: Path, environ: dict[str, str], says: str | None
) -> None:
    fake_tree(tmp_path / "cache", "4.6.3")
    named = tmp_path / "own/engine"
    if says:
        program(named, says)
    with pytest.raises(MallError, match="MALL_GODOT") as caught:
        find({**environ, "MALL_GODOT": str(named)})
    assert caught.value.code == "engine.bad_choice"


def test_require_says_what_to_do(environ: dict[str, str]) -> None:
    with pytest.raises(MallError, match="mall play") as caught:
        require(environ)
    assert caught.value.code == "engine.missing"


def test_the_newest_complete_tree_wins(tmp_path: Path, environ: dict[str, str]) -> None:
    for version in ("4.9.0+ds-1", "4.10.0+ds-1", "4.4.1"):
        fake_tree(tmp_path / "cache", version)
    (fake_tree(tmp_path / "cache", "4.99.0") / MANIFEST).unlink()
    fake_tree(tmp_path / "cache", ".new-4.98")
    (tmp_path / "cache/mall/engine/note").write_text("a file, not a tree")
    assert [engine.version for engine in installed(environ)] == ["4.10.0+ds-1", "4.9.0+ds-1", "4.4.1"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1, "loader": "x", "libraries": 3}', NO_LIBRARIES, "\xff"]
)
def test_a_damaged_manifest_is_no_engine(tmp_path: Path, environ: dict[str, str], text: str) -> None:
    (fake_tree(tmp_path / "cache", "4.6.3") / MANIFEST).write_text(text, "latin-1")
    assert installed(environ) == []


def test_cache_follows_xdg_only_when_absolute(tmp_path: Path) -> None:
    assert cache_root({"HOME": "/h", "XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "mall"
    assert cache_root({"HOME": "/h", "XDG_CACHE_HOME": "here"}) == Path("/h/.cache/mall")
    assert cache_root({"HOME": "/h"}) == Path("/h/.cache/mall")
