"""A guard as a row of the threat model: where it stands, what happens without it, which test proves it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

from sandbox.errors import SandboxError
from sandbox.events import Enter, Input
from sandbox.limits import Limits
from tests.sandbox.conftest import ALL, Game

LIMITS = {"load_instructions": 2_000_000, "load_cpu_s": 5.0, "event_cpu_s": 5.0, "batch_cpu_s": 5.0}
TESTS = "tests/sandbox/test_guards_matter.py"


@dataclass(frozen=True, slots=True)
class Row:
    """One guard of the threat model. `where` is a file of the sandbox and a function in it."""

    guard: str
    where: str
    without: str
    test: str


@dataclass(frozen=True, slots=True)
class LuaGuard:
    """A guard in `sandbox/lua`, the change that takes it out, and an attack.

    The attack runs as the entry of a package, then its handler of "input" `inputs` times. `safe` is what comes of it
    with the guard and not without it: the log lines and codes of faults as `told` puts them or, as a number, at least
    how many instructions are booked. Changes in `also` (file, old, new) are made in both runs, where another guard
    would stop the attack too.
    """

    guard: str
    file: str
    place: str
    without: str
    old: str
    new: str
    attack: str
    safe: str | int
    inputs: int = 0
    limits: dict[str, float] = field(default_factory=dict)
    capabilities: frozenset[str] = ALL
    also: tuple[tuple[str, str, str], ...] = ()

    @property
    def row(self) -> Row:
        """Its row of the threat model."""
        test = f"{TESTS}::test_a_guard_of_lua_matters[{self.guard}]"
        return Row(self.guard, f"`lua/{self.file}` {self.place}", self.without, test)

    def outcome(self) -> tuple[str, int]:
        """What log and faults say after the attack, and the instructions that were booked."""
        try:
            limits = Limits(**(LIMITS | self.limits))  # type: ignore[arg-type]
            game = Game(self.attack, limits=limits, capabilities=frozenset(self.capabilities))
            if self.inputs:
                game.tell(Enter(1, "Ada"))
                game.tell(*[Input(1, "go")] * self.inputs)
        except SandboxError as refused:  # by the host, which would kill the worker
            return refused.code, 0
        return told([*game.logs(), *(fault.code for fault in game.faults)]), game.result.instructions

    def is_safe(self) -> bool:
        """Whether the attack fails."""
        text, instructions = self.outcome()
        return text == self.safe if isinstance(self.safe, str) else instructions >= self.safe


@dataclass(frozen=True, slots=True)
class HostGuard:
    """A guard in a module of the sandbox and the change that takes it out.

    The attack gets the module and says whether it was stopped.
    """

    guard: str
    file: str
    place: str
    without: str
    old: str
    new: str
    attack: Callable[[ModuleType], bool]

    @property
    def row(self) -> Row:
        """Its row of the threat model."""
        test = f"{TESTS}::test_a_guard_of_the_host_matters[{self.guard}]"
        return Row(self.guard, f"`{self.file}` {self.place}", self.without, test)


def refused(call: Callable[..., object], *arguments: Any, **named: Any) -> bool:
    """Whether the call raises the error of the sandbox."""
    try:
        call(*arguments, **named)
    except SandboxError:
        return True
    return False


def told(lines: list[str]) -> str:
    """Lines in one, long ones by their length, equal neighbours counted."""
    short = [line if len(line) <= 80 else f"{len(line)} characters" for line in lines]
    runs = [(line, len(list(run))) for line, run in groupby(short)]
    return "|".join(line if count == 1 else f"{count} times {line}" for line, count in runs)


def lua_guards() -> list[LuaGuard]:
    """The guards of `sandbox/lua`, from guards.toml."""
    return [LuaGuard(**entry) for entry in _entries()["lua"]]


def other_rows() -> list[Row]:
    """Guards that are proven by tests of their own, from guards.toml."""
    return [Row(**entry) for entry in _entries()["row"]]


def _entries() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(Path(__file__).with_name("guards.toml").read_text(encoding="utf-8"))
