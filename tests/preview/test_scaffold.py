"""`mall new` gives packages that pass at once; `mall stubs` writes for the editor and never into what is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.config import Config
from host.creation import check_folder, open_folder
from host.creation import test_folder as run_tests
from host.errors import MallError
from host.preview.scaffold import KINDS, make_package, write_stubs
from sandbox.folder import read_spec
from sandbox.prof import profile

ADVICE = {"shop": ["warn package.toml:capabilities: A shop without shop.offer sells nothing. (package.kind)"]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_passes_check_and_tests(kind: str, tmp_path: Path) -> None:
    made = make_package(kind, "first-try", tmp_path, "ada")
    folder = tmp_path / "first-try"
    assert made["package"] == "ada/first-try"
    checked = check_folder(Config(data=tmp_path / "data"), folder)
    assert (checked["verdict"], checked["findings"]) == ("ready to publish", ADVICE.get(kind, []))
    assert len(run_tests(folder)["passed"]) >= 2
    assert open_folder(folder).manifest.kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_bots_can_play_a_new_package(kind: str, tmp_path: Path) -> None:
    make_package(kind, "first-try", tmp_path, "ada")
    played = profile(tmp_path / "first-try", seconds=10, players=3, seed=1)
    assert played.faults == ()
    assert {"load", "interact"} <= {handler.event for handler in played.handlers}


def test_the_name_is_that_of_the_person_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "Ada.Lovelace")
    assert make_package("game", "one", tmp_path)["package"] == "ada-lovelace/one"


@pytest.mark.parametrize(
    ("name", "near"), [("My Game", "my-game"), ("9lives", "lives"), ("a/b", "a-b"), ("..", "me")]
)
def test_a_bad_name_is_refused_with_one_that_is_near(name: str, near: str, tmp_path: Path) -> None:
    with pytest.raises(MallError, match=f"such as '{near}'") as caught:
        make_package("game", name, tmp_path, "ada")
    assert caught.value.code == "new.bad_name"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "init.lua").write_text("x = 1")
    with pytest.raises(MallError, match="is there already") as caught:
        make_package("game", "mine", tmp_path, "ada")
    assert caught.value.code == "new.exists"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["init.lua"]


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MallError) as caught:
        make_package("game", "mine", tmp_path / "file", "ada")
    assert caught.value.code == "new.unwritable"


def test_annotations_know_the_settings_and_are_never_packed_nor_loaded(tmp_path: Path) -> None:
    make_package("game", "one", tmp_path, "ada")
    folder = tmp_path / "one"
    assert "---@field round_seconds integer" in (folder / ".luals" / "types.lua").read_text()
    assert json.loads((folder / ".luarc.json").read_text())["workspace.library"] == [".luals"]
    assert {path for path in open_folder(folder).files if path.startswith(".")} == set()
    assert set(read_spec(folder, seed=1, now=0.0).sources) == {"init.lua"}


def test_an_own_editor_configuration_is_kept(tmp_path: Path) -> None:
    make_package("game", "one", tmp_path, "ada")
    (tmp_path / "one" / ".luarc.json").write_text("{}")
    assert ".luarc.json" not in write_stubs(tmp_path / "one")["written"]
    assert (tmp_path / "one" / ".luarc.json").read_text() == "{}"


def test_a_folder_without_a_package_gets_no_annotations(tmp_path: Path) -> None:
    with pytest.raises(MallError, match=r"no package\.toml") as caught:
        write_stubs(tmp_path)
    assert caught.value.code == "package.unreadable"
