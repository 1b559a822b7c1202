"""The install, done by the real apt from a small signed archive on disk."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from host.errors import MallError
from host.godot.engine import Engine, engines_folder, find
from host.godot.install import install

if TYPE_CHECKING:
    from conftest import Archive

CODENAME = "oldone"
SUITE = "testing"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": str(tmp_path / "none")}


def run_install(archive: Archive, environ: dict[str, str]) -> Engine:
    return install(lambda _step, _done: None, environ, archive.root)


def visible(environ: dict[str, str]) -> list[str]:
    return sorted(path.name for path in engines_folder(environ).iterdir() if not path.name.startswith("."))


def test_installs_from_the_first_suite_that_has_a_usable_engine(
    archive: Archive, environ: dict[str, str]
) -> None:
    archive.suite("stable", [archive.deb("godot", "3.5.2-1", {})], "old")
    archive.suite(SUITE, archive.engine_debs("4.6.0+ds-1"), "old")
    archive.suite("unstable", archive.engine_debs("4.7.0+ds-1"), "old")
    steps: list[tuple[str, float]] = []
    made = install(lambda step, done: steps.append((step, done)), environ, archive.root)
    assert made.version == "4.6.0+ds-1"
    assert made == find(environ)
    assert visible(environ) == ["4.6.0+ds-1"]
    assert sorted(path.name for path in engines_folder(environ).iterdir()) == [".lock", "4.6.0+ds-1"]
    assert [name for name in ("index", "download", "unpack", "check") if (name, 1.0) not in steps] == []
    assert all(0.0 <= done <= 1.0 for _, done in steps)


def test_a_second_install_does_nothing(archive: Archive, environ: dict[str, str]) -> None:
    archive.suite(SUITE, archive.engine_debs(), "old")
    first = run_install(archive, environ)
    shutil.rmtree(archive.mirror)
    assert run_install(archive, environ) == first


def test_a_suite_that_is_not_signed_by_the_systems_keyring_is_refused(
    archive: Archive, environ: dict[str, str]
) -> None:
    archive.suite(CODENAME, [archive.keyring_deb("old")], "old")
    archive.suite(SUITE, archive.engine_debs(), "new")
    with pytest.raises(MallError, match="not signed") as caught:
        run_install(archive, environ)
    assert caught.value.code == "engine.download_failed"
    assert visible(environ) == []


def test_newer_keys_are_learned_from_the_own_suite_that_the_old_key_proves(
    archive: Archive, environ: dict[str, str]
) -> None:
    archive.suite(CODENAME, [archive.keyring_deb("old", "new")], "old")
    archive.suite(SUITE, archive.engine_debs(), "new")
    assert run_install(archive, environ).version == "4.6.0+ds-1"


def test_newer_keys_from_an_unproved_suite_are_not_believed(
    archive: Archive, environ: dict[str, str]
) -> None:
    archive.suite(CODENAME, [archive.keyring_deb("old", "new")], "new")
    archive.suite(SUITE, archive.engine_debs(), "new")
    with pytest.raises(MallError, match="not signed"):
        run_install(archive, environ)
    assert visible(environ) == []


def test_a_changed_package_is_refused(archive: Archive, environ: dict[str, str]) -> None:
    debs = archive.engine_debs()
    archive.suite(SUITE, debs, "old")
    data = bytearray(debs[-1].read_bytes())
    data[-600] ^= 1
    debs[-1].write_bytes(data)
    with pytest.raises(MallError) as caught:
        run_install(archive, environ)
    assert caught.value.code == "engine.download_failed"
    assert visible(environ) == []


def test_an_engine_that_does_not_start_is_not_put_in_place(archive: Archive, environ: dict[str, str]) -> None:
    archive.suite(SUITE, archive.engine_debs(starts=False), "old")
    with pytest.raises(MallError) as caught:
        run_install(archive, environ)
    assert caught.value.code == "engine.broken_install"
    assert visible(environ) == []


def install_and_die(root: Path, environ: dict[str, str], step: str) -> None:
    def progress(now: str, _done: float) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    install(progress, environ, root)


@pytest.mark.parametrize("step", ["download", "unpack", "check"])
def test_a_killed_install_leaves_no_engine_and_the_next_one_succeeds(
    archive: Archive, environ: dict[str, str], step: str
) -> None:
    archive.suite(SUITE, archive.engine_debs(), "old")
    victim = multiprocessing.get_context("spawn").Process(
        target=install_and_die, args=(archive.root, environ, step)
    )
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert visible(environ) == []
    assert find(environ) is None
    assert run_install(archive, environ) == find(environ)
    assert sorted(path.name for path in engines_folder(environ).iterdir()) == [".lock", "4.6.0+ds-1"]


def test_a_package_damaged_after_an_interrupted_download_is_fetched_again(
    archive: Archive, environ: dict[str, str]
) -> None:
    debs = archive.engine_debs()
    archive.suite(SUITE, debs, "old")
    kept = engines_folder(environ) / ".download/cache/archives" / debs[-1].name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bytes(debs[-1].stat().st_size))
    with pytest.raises(MallError, match="damaged"):
        run_install(archive, environ)
    assert run_install(archive, environ) == find(environ)


def test_two_installs_at_once_make_one_tree(archive: Archive, environ: dict[str, str]) -> None:
    archive.suite(SUITE, archive.engine_debs(), "old")
    steps: list[tuple[str, float]] = []
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(install, lambda step, done: steps.append((step, done)), environ, archive.root)
            for _ in range(2)
        ]
        assert jobs[0].result() == jobs[1].result()
    assert steps.count(("check", 1.0)) == 1


def test_a_full_disk_is_told_before_the_download(
    archive: Archive, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.suite(SUITE, archive.engine_debs(), "old")
    real = shutil.disk_usage(archive.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=100))
    with pytest.raises(MallError, match="MB are free") as caught:
        run_install(archive, environ)
    assert caught.value.code == "engine.disk_full"
    assert caught.value.facts["free_bytes"] == 100


def test_elsewhere_than_debian_the_message_says_what_to_install(
    archive: Archive, environ: dict[str, str]
) -> None:
    archive.system("old", identity="fedora")
    with pytest.raises(MallError, match=r"Install Godot 4\.4 or newer .* MALL_GODOT") as caught:
        run_install(archive, environ)
    assert caught.value.code == "engine.unsupported_system"


def test_a_debian_without_a_configured_mirror_is_refused(archive: Archive, environ: dict[str, str]) -> None:
    (archive.root / "etc/apt/sources.list").write_text("deb cdrom:[x]/ sid main\n")
    with pytest.raises(MallError, match="no Debian mirror") as caught:
        run_install(archive, environ)
    assert caught.value.code == "engine.unsupported_system"
