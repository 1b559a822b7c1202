"""Rules about the tree itself: sizes, unfinished marks, what must not be named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = {".py", ".gd", ".lua", ".sol"}
MAX_LINES = 400


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in tracked()
        if p.suffix in CODE and (n := len(p.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


@pytest.mark.parametrize("mark", ["NotImplementedError", "TODO", "FIXME", "XXX"])
def test_nothing_is_left_unfinished(mark: str) -> None:
    found = [
        str(p.relative_to(ROOT))
        for p in tracked()
        if p.suffix in CODE and p != Path(__file__) and mark in p.read_text()
    ]
    assert found == []


def test_lock_files_record_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://|file://", text)
        packages = re.findall(r"^\S+==\S+", text, re.M)
        assert len(packages) > 20
        for block in re.split(r"^(?=\S+==)", text, flags=re.M)[1:]:
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_development_lock_agrees_with_the_one_that_is_shipped() -> None:
    pins = [
        set(re.findall(r"^(\S+==\S+)", (ROOT / n).read_text(), re.M))
        for n in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]


def test_the_readme_names_the_commands_that_ci_runs() -> None:
    readme, ci = (ROOT / "README.md").read_text(), (ROOT / ".ci/run").read_text()
    for command in re.findall(r"^make \w+", ci, re.M):
        assert command in readme
    assert {"make lint", "make test", "make demo"} <= set(re.findall(r"^make \w+", ci, re.M))
