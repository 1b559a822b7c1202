"""Preparing a project: what starts an import and what does not. The engine is a script that counts its runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.errors import MallError
from host.godot.engine import Engine
from host.godot.project import prepare


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "client"
    (folder / "scripts").mkdir(parents=True)
    (folder / "project.godot").write_text("config_version=5\n")
    (folder / "scripts/a.gd").write_text("extends Node\n")
    (folder / ".godot").mkdir()
    (folder / ".godot/left").write_text("by an editor")
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def counting_engine(folder: Path, version: str = "4.6", exit_status: int = 0) -> Engine:
    program = folder / f"engine-{version}-{exit_status}"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/runs\necho why >&2\nexit {exit_status}\n')
    program.chmod(0o755)
    return Engine(program, version, (str(program),))


def runs(folder: Path) -> int:
    log = folder / "runs"
    return len(log.read_text().splitlines()) if log.exists() else 0


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_second_start_costs_nothing(tmp_path: Path, source: Path, environ: dict[str, str]) -> None:
    engine = counting_engine(tmp_path)
    before = files(source)
    copy = prepare(engine, source, environ)
    assert prepare(engine, source, environ) == copy
    assert runs(tmp_path) == 1
    assert files(copy) == [".mall-prepared", "project.godot", "scripts/a.gd"]
    assert files(source) == before


def test_a_changed_a_new_and_a_removed_file_each_import_again(
    tmp_path: Path, source: Path, environ: dict[str, str]
) -> None:
    engine = counting_engine(tmp_path)
    copy = prepare(engine, source, environ)
    (copy / "scripts/a.gd.uid").write_text("made by the import")
    (source / "scripts/a.gd").write_text("extends Node3D\n")
    prepare(engine, source, environ)
    assert (copy / "scripts/a.gd").read_text() == "extends Node3D\n"
    (source / "scripts/b.gd").write_text("extends Node\n")
    prepare(engine, source, environ)
    (source / "scripts/a.gd").unlink()
    prepare(engine, source, environ)
    assert runs(tmp_path) == 4
    assert files(copy) == [".mall-prepared", "project.godot", "scripts/b.gd"]


def test_an_unchanged_file_keeps_its_time_in_the_copy(
    tmp_path: Path, source: Path, environ: dict[str, str]
) -> None:
    engine = counting_engine(tmp_path)
    kept = prepare(engine, source, environ) / "project.godot"
    before = kept.stat().st_mtime_ns
    (source / "scripts/a.gd").write_text("extends Node3D\n")
    prepare(engine, source, environ)
    assert kept.stat().st_mtime_ns == before


def test_another_engine_version_has_a_copy_of_its_own(
    tmp_path: Path, source: Path, environ: dict[str, str]
) -> None:
    first = prepare(counting_engine(tmp_path, "4.6"), source, environ)
    assert prepare(counting_engine(tmp_path, "4.7"), source, environ) != first
    assert runs(tmp_path) == 2


def test_a_failed_import_tells_why_and_is_tried_again(
    tmp_path: Path, source: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(MallError, match=r"exit 3.*why") as caught:
        prepare(counting_engine(tmp_path, exit_status=3), source, environ)
    assert caught.value.code == "engine.import_failed"
    prepare(counting_engine(tmp_path), source, environ)
    assert runs(tmp_path) == 2


def test_a_folder_without_a_project_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(MallError) as caught:
        prepare(counting_engine(tmp_path), tmp_path, environ)
    assert caught.value.code == "engine.no_project"
