"""Mutants of the contracts: each breaks one rule about money or titles, and a test must notice.

`*.toml` beside this file list them: the rule, the source file, a text that stands in it once, what takes its
place, and the forge test file that must then fail.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from contracts.build import closure
from contracts.errors import ChainError
from contracts.forge import environment
from contracts.npm import MODULES, ROOT, program

LISTS = Path(__file__).parent
SETTINGS = ("foundry.toml", "solc.js")
_NO_CODE = frozenset({".forge", ".installed", ".package-lock.json"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change that must be noticed. `file` and `test` are relative to `contracts/`."""

    rule: str
    file: str
    old: str
    new: str
    test: str

    def apply(self, source: str) -> str:
        """The source with the change. Raises ChainError `mutants.stale` when the text does not stand there once."""
        if source.count(self.old) != 1 or self.old == self.new:
            raise ChainError(
                "mutants.stale",
                f"the text to change must stand in {self.file} once and differ from what takes its place: adapt it",
                rule=self.rule,
                found=source.count(self.old),
            )
        return source.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutant came to. `by` names the tests that failed; none means that it survived."""

    mutant: Mutant
    by: tuple[str, ...]


def read(folder: Path = LISTS) -> list[Mutant]:
    """All mutants, list by list. Raises ChainError `mutants.bad_list`."""
    found: list[Mutant] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            listed = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
            found.extend(Mutant(**{name: str(value) for name, value in each.items()}) for each in listed)
        except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
            raise ChainError(
                "mutants.bad_list",
                f"{path.name} is no list of mutants ({error}): give rule, file, old, new, test",
            ) from error
    return found


def hunt(mutants: Sequence[Mutant], folder: Path) -> Iterator[Outcome]:
    """Runs each mutant's test on a copy below `folder`; the same test must pass on the source as it is.

    Raises ChainError `mutants.stale`, `mutants.not_green` when a test fails without any mutant, and
    `mutants.no_compile` when a change is no Solidity.
    """
    forge = program("forge")
    ordered = sorted(mutants, key=lambda mutant: mutant.test)
    for number, (test, group) in enumerate(groupby(ordered, key=lambda mutant: mutant.test)):
        copy = _copy(test, folder / str(number))
        failed = _failing(forge, copy, test)
        if failed:
            raise ChainError("mutants.not_green", f"{test} fails without a mutant: {', '.join(failed)}")
        for mutant in group:
            path = copy / mutant.file
            source = (ROOT / mutant.file).read_text(encoding="utf-8")
            path.write_text(mutant.apply(source), encoding="utf-8")
            try:
                yield Outcome(mutant, _failing(forge, copy, test))
            finally:
                path.write_text(source, encoding="utf-8")


def _copy(test: str, folder: Path) -> Path:
    """A folder for forge with the test, all it imports, and the installed packages."""
    for unit, text in closure(test).items():
        if not unit.startswith("@"):
            path = folder / unit
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in SETTINGS:
        shutil.copy(ROOT / name, folder / name)
    packages = folder / "node_modules"
    packages.mkdir()
    for each in MODULES.iterdir():
        if each.name not in _NO_CODE:
            (packages / each.name).symlink_to(each)
    return folder


def _failing(forge: Path, folder: Path, test: str) -> tuple[str, ...]:
    done = subprocess.run(  # noqa: S603 - the program is pinned by package-lock.json
        [str(forge), "test", "--match-path", test, "--json"],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        suites = json.loads(done.stdout[done.stdout.index("{") :])
        outcomes = {
            name.split("(")[0]: result["status"]
            for suite in suites.values()
            for name, result in suite["test_results"].items()
        }
    except (ValueError, KeyError) as error:
        told = (done.stdout + done.stderr)[-2000:]
        raise ChainError("mutants.no_compile", f"{test} could not be run:\n{told}") from error
    return tuple(name for name, status in outcomes.items() if status != "Success")
