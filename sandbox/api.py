"""The description of the Lua API in api.toml as values: what editors, pages and tests are made from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError

FILE = Path(__file__).parent / "api.toml"
_PARAMETER = re.compile(r"(\w+|\.\.\.)(\??): (.+?)(?: -- (.+))?")
_FIELD = re.compile(r"(.+?)(?: -- (.+))?")
_KEY = re.compile(r"(\w+|\[string\])(\??)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a call or a field of a type; `optional` may be left out."""

    name: str
    type: str
    text: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What a handler gets and gives, and when. `gives` is a type or "", `needs` a capability or ""."""

    name: str
    takes: tuple[Parameter, ...]
    gives: str
    text: str
    needs: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function or, with a ":" in its name, a method. `gives` is a type or "".

    `events` names the family of events that it declares handlers for: event, entity_event, match_event, or "".
    """

    name: str
    takes: tuple[Parameter, ...]
    gives: str
    text: str
    needs: str
    raises: tuple[str, ...]
    events: str

    @property
    def receiver(self) -> str:
        """The word before a method's colon, "" for a function."""
        return self.name.partition(":")[0] if ":" in self.name else ""


@dataclass(frozen=True, slots=True)
class Type:
    """A table with named fields. `receiver` is how its methods are written, such as "player"."""

    name: str
    text: str
    fields: tuple[Parameter, ...]
    extends: str
    receiver: str
    also: str


@dataclass(frozen=True, slots=True)
class Api:
    """The whole description, each part by name in the order of the file."""

    aliases: Mapping[str, tuple[str, str]]
    types: Mapping[str, Type]
    calls: Mapping[str, Call]
    tests: Mapping[str, Call]
    events: Mapping[str, Mapping[str, Event]]
    errors: Mapping[str, str]
    receivers: Mapping[str, str] = field(default_factory=dict)

    def all_calls(self) -> Iterator[Call]:
        """Calls of games, then those of tests."""
        yield from self.calls.values()
        yield from self.tests.values()


FAMILIES = ("event", "entity_event", "match_event")
_TABLES = {"alias", "type", "call", "test_call", "error", *FAMILIES}
_KEYS = {
    "alias": {"type", "does"},
    "type": {"does", "fields", "extends", "receiver", "also"},
    "call": {"does", "takes", "gives", "needs", "raises", "events"},
    "event": {"takes", "gives", "does", "needs"},
    "error": {"does"},
}


def _wrong(place: str, rule: str) -> SandboxError:
    return SandboxError("api.bad_description", f"api.toml: [{place}]: {rule}")


def read_api(text: str) -> Api:
    """The description in `text`.

    Raises SandboxError `api.bad_description` with the table and the rule.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SandboxError("api.bad_description", f"api.toml: {problem}") from problem
    unknown = sorted(set(tables) - _TABLES)
    if unknown:
        raise _wrong(unknown[0], f"is no part of a description; known are {', '.join(sorted(_TABLES))}")
    for kind, entries in tables.items():
        keys = _KEYS["call" if kind == "test_call" else "event" if kind in FAMILIES else kind]
        for name, entry in entries.items():
            extra = sorted(set(entry) - keys)
            if extra:
                raise _wrong(f"{kind}.{name}", f"knows no {extra[0]!r}; known are {', '.join(sorted(keys))}")
            if not entry.get("does"):
                raise _wrong(f"{kind}.{name}", "needs `does`, one line about it")
    types = {name: _type(name, entry) for name, entry in tables["type"].items()}
    return Api(
        aliases={name: (entry["type"], entry["does"]) for name, entry in tables["alias"].items()},
        types=types,
        calls={name: _call(name, entry) for name, entry in tables["call"].items()},
        tests={name: _call(name, entry) for name, entry in tables["test_call"].items()},
        events={
            family: {name: _event(family, name, entry) for name, entry in tables[family].items()}
            for family in FAMILIES
        },
        errors={name: entry["does"] for name, entry in tables["error"].items()},
        receivers={one.receiver: one.name for one in types.values() if one.receiver},
    )


@cache
def api() -> Api:
    """The description that ships with the sandbox."""
    return read_api(FILE.read_text("utf-8"))


def _parameters(place: str, lines: list[str]) -> tuple[Parameter, ...]:
    found = []
    for line in lines:
        match = _PARAMETER.fullmatch(line)
        if match is None:
            raise _wrong(place, f'{line!r} must be "name: type" or "name?: type -- words"')
        found.append(Parameter(match[1], match[3], match[4] or "", bool(match[2])))
    return tuple(found)


def _call(name: str, entry: Mapping[str, Any]) -> Call:
    return Call(
        name,
        _parameters(f"call.{name}", entry.get("takes", [])),
        entry.get("gives", ""),
        entry["does"],
        entry.get("needs", ""),
        tuple(entry.get("raises", [])),
        entry.get("events", ""),
    )


def _event(family: str, name: str, entry: Mapping[str, Any]) -> Event:
    takes = _parameters(f"{family}.{name}", entry.get("takes", []))
    return Event(name, takes, entry.get("gives", ""), entry["does"], entry.get("needs", ""))


def _type(name: str, entry: Mapping[str, Any]) -> Type:
    fields = []
    for key, value in entry.get("fields", {}).items():
        named, typed = _KEY.fullmatch(key), _FIELD.fullmatch(value)
        if named is None or typed is None:
            raise _wrong(f"type.{name}.fields", f'{key!r} must be name = "type -- words"')
        fields.append(Parameter(named[1], typed[1], typed[2] or "", bool(named[2])))
    return Type(
        name,
        entry["does"],
        tuple(fields),
        entry.get("extends", ""),
        entry.get("receiver", ""),
        entry.get("also", ""),
    )
