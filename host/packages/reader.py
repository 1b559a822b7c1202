"""Reads a table of unknown content strictly: each wrong key becomes a finding, none stops the rest."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from host.hookspecs import Finding
from host.packages.limits import MAX_FINDINGS

_CONTROL = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


class Reader:
    """One table of the manifest. Each `take` returns a value of the right type, also where it noted a finding.

    Args:
        data: the table.
        path: where it stands ("footprint"), for findings.
        findings: the list that all readers of one manifest share.
    """

    def __init__(self, data: Mapping[str, Any], path: str, findings: list[Finding]) -> None:
        self._data = data
        self._path = path
        self._findings = findings
        self._seen: set[str] = set()

    def place(self, key: str = "") -> str:
        """How findings name a key of this table."""
        return ".".join(part for part in (self._path, key) if part)

    def wrong(self, key: str, message: str) -> None:
        """Note a blocking finding at `key`."""
        if len(self._findings) < MAX_FINDINGS:
            where = self.place(key)
            self._findings.append(
                Finding("block", "package.manifest", f"{where}: {message}", f"package.toml:{where}")
            )

    def has(self, key: str) -> bool:
        """Whether the table has this key."""
        return key in self._data

    def _take(self, key: str, kind: type, name: str, required: bool) -> Any:
        self._seen.add(key)
        if key not in self._data:
            if required:
                self.wrong(key, f"is missing; give {name}.")
            return None
        value = self._data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, f"must be {name}, not {_named(value)}.")
            return None
        return value

    def text(
        self, key: str, most: int, default: str | None = None, rule: Callable[[str], str | None] | None = None
    ) -> str:
        """A text of 1 to `most` characters (line breaks only where most > 200). `rule` says what is wrong."""
        value = self._take(key, str, "a text", default is None)
        if value is None:
            return default or ""
        problem = text_problem(value, most) or (rule(value) if rule else None)
        if problem:
            self.wrong(key, problem)
            return default or ""
        return str(value)

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from `low` to `high`."""
        value = self._take(key, int, "a whole number", default is None)
        if value is None:
            return low if default is None else default
        if not low <= value <= high:
            self.wrong(key, f"must be {low} to {high}, not {_short(value)}.")
            return low if default is None else default
        return int(value)

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        """One of `options`."""
        value = self._take(key, str, "one of " + ", ".join(options), default is None)
        if value is None:
            return default or options[0]
        if value not in options:
            self.wrong(key, f"must be one of {', '.join(options)}, not {_short(value)}.")
            return default or options[0]
        return str(value)

    def texts(
        self,
        key: str,
        most: int,
        each: int,
        rule: Callable[[str], str | None] | None = None,
        *,
        required: bool = False,
    ) -> tuple[str, ...]:
        """A list of up to `most` different texts; at least one where required."""
        value = self._take(key, list, "a list of texts", required)
        if value is None:
            return ()
        good: list[str] = []
        if len(value) > most or (required and not value):
            self.wrong(key, f"must have {int(required)} to {most} entries, not {len(value)}.")
        for index, item in enumerate(value[:most]):
            problem = (
                text_problem(item, each) or (rule(item) if rule else None)
                if isinstance(item, str)
                else f"must be a text, not {_named(item)}."
            )
            if problem is None and item in good:
                problem = f"{_short(item)} stands here twice."
            if problem:
                self.wrong(f"{key}[{index}]", problem)
            else:
                good.append(item)
        return tuple(good)

    def raw(self, key: str) -> Any:
        """The value as it is; None where missing."""
        self._seen.add(key)
        return self._data.get(key)

    def table(self, key: str, *, required: bool = False) -> Reader:
        """A table; an empty one where missing or wrong."""
        value = self._take(key, dict, "a table", required)
        return Reader(value or {}, self.place(key), self._findings)

    def tables(self, key: str, most: int) -> list[Reader]:
        """A list of up to `most` tables."""
        value = self._take(key, list, "a list of tables", required=False) or []
        if len(value) > most:
            self.wrong(key, f"must have at most {most} entries, not {len(value)}.")
        good = []
        for index, item in enumerate(value[:most]):
            if isinstance(item, dict):
                good.append(Reader(item, f"{self.place(key)}[{index}]", self._findings))
            else:
                self.wrong(f"{key}[{index}]", f"must be a table, not {_named(item)}.")
        return good

    def keys(self, most: int, rule: Callable[[str], str | None]) -> list[str]:
        """All keys of a table whose names the author chooses; wrong ones become findings."""
        if len(self._data) > most:
            self.wrong("", f"must have at most {most} keys, not {len(self._data)}.")
        good = []
        for key in list(self._data)[:most]:
            problem = rule(key)
            if problem:
                self._seen.add(key)
                self.wrong(_bare(key), problem)
            else:
                good.append(key)
        return good

    def done(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._data:
            if key not in self._seen:
                known = ", ".join(sorted(self._seen))
                self.wrong(_bare(key), f"is no key here. Known: {known}.")


def text_problem(value: str, most: int) -> str | None:
    """What is wrong with a text for people, or None."""
    if not 1 <= len(value) <= most:
        return f"must have 1 to {most} characters, not {len(value)}."
    if not value.strip():
        return "must not be blank."
    for char in value:
        if unicodedata.category(char) in _CONTROL and not (char == "\n" and most > 200):
            return f"must not hold U+{ord(char):04X} (control, format or unassigned)."
    return None


def _named(value: object) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a decimal number", str: "a text",
             list: "a list", dict: "a table"}  # fmt: skip
    return names.get(type(value), "a date or time")


def _bare(key: str) -> str:
    text = ascii(key)[1:-1]
    return text if len(text) <= 64 else text[:61] + "..."


def _short(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 256:
        return "a very large number"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
