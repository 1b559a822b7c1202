"""Runs the Lua tests of a package: each in fresh states, with fake players, a fake clock and a seed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from sandbox.errors import SandboxError
from sandbox.events import Emoted, Enter, Interact, Ui
from sandbox.folder import read_spec
from sandbox.limits import DEFAULT_LIMITS, Limits
from sandbox.rehearsal import Rehearsal, describe
from sandbox.runtime import State, encode_configuration
from sandbox.wire import InstanceSpec

START = 1_750_000_000.0
"""The clock of a test begins here, UTC seconds."""
SEED = 1
ASKS_MAX = 100_000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test: `error` is empty when it passed, else file:line and what was expected."""

    __test__ = False

    name: str
    file: str
    error: str
    seconds: float
    per_event: int
    """Instructions of the dearest event."""


@dataclass(frozen=True, slots=True)
class TestReport:
    """All tests of a package."""

    __test__ = False

    results: tuple[TestResult, ...]

    @property
    def passed(self) -> bool:
        """Whether there were tests and none failed."""
        return bool(self.results) and not any(result.error for result in self.results)


def run_package_tests(folder: Path, limits: Limits = DEFAULT_LIMITS) -> TestReport:
    """Runs tests/*.lua of a package's folder. Raises SandboxError for a folder without a sound manifest."""
    spec = read_spec(folder, seed=SEED, now=START)
    results: list[TestResult] = []
    for path in sorted(folder.glob("tests/*.lua")):
        name = path.relative_to(folder).as_posix()
        source = path.read_bytes()
        kit, (kind, listed) = _open(spec, limits, name, source)
        kit.close()
        if kind == "failed":
            results.append(TestResult(name, name, str(listed), 0.0, 0))
            continue
        results += [_run(spec, limits, name, source, index, title) for index, title in enumerate(listed)]
    return TestReport(tuple(results))


def _open(spec: InstanceSpec, limits: Limits, file: str, source: bytes) -> tuple[State, tuple[str, Any]]:
    kit = State(encode_configuration(replace(spec, limits=limits)), limits.memory_bytes, "test")
    kind, listed = _decode(kit.load({**spec.sources, file: source}, file, b"", START).commands)
    return kit, (kind, listed)


def _run(spec: InstanceSpec, limits: Limits, file: str, source: bytes, index: int, title: str) -> TestResult:
    began = time.perf_counter()
    kit, _ = _open(spec, limits, file, source)
    stage = _Stage(spec, limits)
    message: tuple[Any, ...] = ("start", index + 1)
    error = "the test made too many calls"
    try:
        for _ in range(ASKS_MAX):
            result = kit.deliver(START, _encode(message))
            if not result.alive:
                error = f"{file}: the test used more than {limits.memory_bytes >> 10} KiB of memory"
                break
            answer = _decode(result.commands)
            if answer[0] != "ask":
                error = stage.unexpected_fault() if answer[0] == "passed" else str(answer[1])
                break
            message = stage.answer(answer[1])
    except SandboxError as problem:
        error = str(problem)
    finally:
        kit.close()
        stage.close()
    return TestResult(title, file, error, time.perf_counter() - began, stage.per_event)


class _Stage:
    """Answers the calls of one test by a rehearsal."""

    def __init__(self, spec: InstanceSpec, limits: Limits) -> None:
        self._spec = spec
        self._limits = limits
        self._joined: dict[int, Enter] = {}
        self._expected: set[str] = set()
        self._game: Rehearsal | None = None
        self.per_event = 0

    def answer(self, call: list[Any]) -> tuple[Any, ...]:
        """The reply to one call: a value, or nothing and a problem."""
        action = getattr(self, f"_do_{call[0]}")
        try:
            return ("reply", action(*call[1:]))
        except (SandboxError, KeyError, TypeError, ValueError) as problem:
            text = (
                str(problem)
                if isinstance(problem, SandboxError)
                else f"bad arguments of t:{call[0]}: {problem!r}"
            )
            return ("reply", None, text)

    def unexpected_fault(self) -> str:
        """The first fault of the game that the test did not expect, or nothing."""
        for fault in self.game.faults:
            if fault.code not in self._expected:
                return describe(fault)
        return ""

    def close(self) -> None:
        """Frees the game."""
        if self._game is not None:
            self.per_event = self._game.usage["per_event"]
            self._game.close()

    @property
    def game(self) -> Rehearsal:
        """The game under test, started when it is first needed."""
        if self._game is None:
            self._game = Rehearsal(self._spec, self._limits)
        return self._game

    def _restart(self) -> None:
        self.close()
        self._game = None
        for enter in self._joined.values():
            self.game.join(enter)

    def _do_seed(self, seed: int) -> None:
        self._spec = replace(self._spec, seed=int(seed))
        self._restart()

    def _do_settings(self, settings: dict[str, Any]) -> None:
        self._spec = replace(self._spec, settings={**self._spec.settings, **settings})
        self._restart()

    def _do_join(self, name: str, locale: str, guest: bool, at: list[float] | bool) -> int:
        player = len(self._joined) + 1
        width = self._spec.footprint[0]
        place = _position(at) if isinstance(at, list) else (width / 2, 0.0, 0.5)
        self._joined[player] = Enter(player, name, locale, guest, "adult", place)
        self.game.join(self._joined[player])
        return player

    def _do_leave(self, player: int) -> None:
        self.game.leave(player)

    def _do_move(self, player: int, at: list[float]) -> None:
        self.game.move(player, _position(at))

    def _do_interact(self, player: int, entity: str, verb: str) -> None:
        number = self.game.keys.get(entity)
        if number is None:
            raise SandboxError("test.no_entity", f"there is no entity '{entity}'")
        self.game.tell(Interact(player, number, verb))

    def _do_input(self, player: int, action: str) -> None:
        self.game.press(player, action)

    def _do_actions(self, player: int) -> list[str]:
        return [name for name, _ in self.game.actions.get(player, ())]

    def _do_emote(self, player: int, name: str) -> None:
        self.game.tell(Emoted(player, name))

    def _do_chat(self, player: int, text: str) -> None:
        self.game.say(player, text)

    def _do_ui(self, player: int, node: str, value: str | float | bool | None = None) -> None:
        self.game.tell(Ui(player, node, value))

    def _do_advance(self, seconds: float) -> None:
        self.game.advance(seconds)

    def _do_entities(self, tag: str | bool) -> list[dict[str, Any]]:
        return [
            {"id": self.game.names[number], **_plain(parts)}
            for number, parts in self.game.entities.items()
            if not isinstance(tag, str) or (isinstance(parts.tags, tuple) and tag in parts.tags)
        ]

    def _do_score(self, player: int) -> int:
        return self.game.scores.get(player, 0)

    def _do_match(self) -> dict[str, Any] | None:
        match = self.game.match
        return (
            None
            if match is None
            else msgspec.to_builtins(_AsMap(match.phase, match.players, match.seconds_left))
        )

    def _do_toasts(self, player: int) -> list[str]:
        return self.game.toasts.get(player, [])

    def _do_claims(self, pool: str) -> list[dict[str, Any]]:
        return [
            {"player": claim.player, "amount": float(claim.amount), "match": claim.match}
            for claim in self.game.claims
            if claim.pool == pool
        ]

    def _do_usage(self) -> dict[str, int]:
        return self.game.usage

    def _do_fault(self, code: str) -> int:
        self._expected.add(code)
        return sum(fault.code == code for fault in self.game.faults)


class _AsMap(msgspec.Struct):
    phase: str
    players: tuple[int, ...]
    seconds_left: float


def _plain(parts: msgspec.Struct) -> dict[str, Any]:
    given = {name: value for name, value in msgspec.structs.asdict(parts).items() if value is not UNSET}
    return {name: msgspec.to_builtins(value) for name, value in given.items()}


def _position(at: list[float]) -> tuple[float, float, float]:
    if len(at) != 3:
        raise SandboxError("sandbox.bad_argument", "a position is {x, y, z}")
    return (float(at[0]), float(at[1]), float(at[2]))
