"""What the pages say is so: reference pages are fresh, snippets load, links and commands exist."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from host.cli import cli
from host.config import Config
from host.creation import check_folder
from sandbox.errors import SandboxError
from sandbox.folder import read_spec
from sandbox.supervisor import Supervisor
from sandbox.testkit import run_package_tests
from sandbox.wire import Fault

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
    + [*(ROOT / "docs").rglob("*.md")]
)
GUIDES = [ROOT / "README.md", ROOT / "docs" / "creating.md"]
MANIFEST = """
id = "docs/snippet"
version = "1.0.0"
notes = "As the page shows it."
api = 1
kind = "game"
title = "Snippet"
summary = "A snippet of a page."
license = "Apache-2.0"
authors = ["mall.live"]
ai = "none"
[age]
rating = "everyone"
answers_version = 1
[footprint]
cells = [1, 1]
[capabilities]
required = [{capabilities}]
[capabilities.why]
"reward.claim" = "The page shows a reward."
{pool}
"""
POOL = "[pools.daily]\nper_claim = 3\nper_player_day = 9\ntotal = 300\n"
BASIC = ["world.build", "ui", "store", "board", "match", "chat.say"]


def fences(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)


def broken_links(page: Path, text: str) -> list[str]:
    """Relative links of a page that lead nowhere; code is no text."""
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    local = [t for t in targets if not re.match(r"[a-z]+:", t) and not t.startswith("#")]
    return [t for t in local if not (page.parent / t.partition("#")[0]).exists()]


def verbs_named(text: str) -> set[str]:
    """Verbs of the command that a page writes as code."""
    code = [*re.findall(r"^```(?:\w*)\n(.*?)^```", text, re.M | re.S)]
    code += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return {verb for part in code for verb in re.findall(r"(?:^|\$ )mall ([a-z]+)\b", part, re.M)}


def bare_plugins(plugins: Path) -> list[str]:
    """Plugins that lack a README or tests."""
    folders = sorted(path.parent for path in plugins.glob("*/__init__.py"))
    return [
        folder.name
        for folder in folders
        if not (folder / "README.md").is_file() or not [*(folder / "tests").glob("test_*.py")]
    ]


def package(folder: Path, source: str, *, needs: list[str] | None = None) -> Path:
    """A folder with the snippet as its entry and a manifest that asks for what it needs."""
    asked = needs or [*BASIC, *(["reward.claim"] if "mall.rewards" in source else [])]
    names = ", ".join(f'"{name}"' for name in asked)
    folder.mkdir()
    text = MANIFEST.format(capabilities=names, pool=POOL if "reward.claim" in asked else "")
    if "reward.claim" not in asked:
        text = text.replace('[capabilities.why]\n"reward.claim" = "The page shows a reward."\n', "")
    (folder / "package.toml").write_text(text)
    (folder / "init.lua").write_text(source)
    return folder


async def faults_of(folder: Path) -> list[str]:
    """Loads a package in a jailed worker, lets it start, and tells what went wrong."""
    faults: list[Fault] = []
    supervisor = Supervisor(on_outbox=lambda outbox: None, on_fault=faults.append)
    await supervisor.start()
    try:
        await supervisor.load(read_spec(folder, seed=1, now=1000.0))
        supervisor.flush(1000.1)
        await supervisor.unload(1)
    except SandboxError as problem:
        return [str(problem)]
    finally:
        await supervisor.stop()
    return [f"{fault.code}: {fault.message}" for fault in faults]


SNIPPETS = [
    pytest.param(source, id=f"{page.name}-{number}")
    for page in GUIDES
    for number, source in enumerate(fences(page, "lua"), 1)
    if "mall.test(" not in source
]
BELL = next(source for source in fences(GUIDES[1], "lua") if source.startswith("-- my-game/init.lua\n"))
TESTS = [source for page in GUIDES for source in fences(page, "lua") if "mall.test(" in source]


@pytest.mark.parametrize("script", ["build.py", "build_lua.py"])
def test_reference_pages_are_what_the_code_says(script: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / script, "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_guides_show_games() -> None:
    assert len(SNIPPETS) >= 3
    assert TESTS


@pytest.mark.parametrize("source", SNIPPETS)
def test_every_game_shown_passes_the_scan_and_runs_in_a_jailed_worker(source: str, tmp_path: Path) -> None:
    folder = package(tmp_path / "game", source)
    check_folder(Config(data=tmp_path / "data"), folder)
    assert asyncio.run(faults_of(folder)) == []


def test_the_test_shown_passes_on_the_game_shown(tmp_path: Path) -> None:
    folder = package(tmp_path / "game", BELL)
    (folder / "tests").mkdir()
    for number, source in enumerate(TESTS):
        (folder / "tests" / f"shown_{number}.lua").write_text(source)
    report = run_package_tests(folder)
    assert report.passed, report.results


def test_the_manifest_shown_is_accepted_with_the_game_shown(tmp_path: Path) -> None:
    folder = package(tmp_path / "game", BELL)
    (folder / "package.toml").write_text(fences(GUIDES[1], "toml")[0])
    assert check_folder(Config(data=tmp_path / "data"), folder)["verdict"] == "ready to publish"


@pytest.mark.parametrize("addition", fences(GUIDES[1], "toml")[1:])
def test_every_part_of_a_manifest_shown_is_accepted(addition: str, tmp_path: Path) -> None:
    folder = package(tmp_path / "game", "local claim = mall.rewards.claim", needs=["reward.claim"])
    manifest = folder / "package.toml"
    text = manifest.read_text()
    for table in re.findall(r"^\[[\w.]+\]$", addition, re.M):
        text = re.sub(rf"^{re.escape(table)}\n(?:[^\[\n].*\n)*", "", text, flags=re.M)
    manifest.write_text(text + addition)
    check_folder(Config(data=tmp_path / "data"), folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    assert broken_links(page, page.read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_verb_named_exists(page: Path) -> None:
    assert verbs_named(page.read_text()) - set(cli.commands) == set()


def test_every_plugin_has_a_readme_and_tests() -> None:
    assert [*(ROOT / "plugins").glob("*/__init__.py")]
    assert bare_plugins(ROOT / "plugins") == []


# the finders themselves find


def test_a_broken_link_is_found() -> None:
    look = partial(broken_links, ROOT / "README.md")
    assert look("[a](docs/none.md) [b](docs/creating.md#tests) [c](https://x.y) `[d](e)`") == ["docs/none.md"]


def test_a_verb_is_found_in_code_and_not_in_prose() -> None:
    assert verbs_named("`mall fly` the mall is\n```\n$ mall swim x\nmall dive\n```\n") == {
        "fly",
        "swim",
        "dive",
    }


@pytest.mark.parametrize(
    "source", ['mall.world.spawn { verb = "use" }', 'mall.on("start", function() error("no") end)']
)
def test_a_game_that_fails_is_told(source: str, tmp_path: Path) -> None:
    assert asyncio.run(faults_of(package(tmp_path / "game", source))) != []
