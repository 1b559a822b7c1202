"""The holder's form: `[settings.*]` of a manifest, and the check of what a holder filled in."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from host.errors import MallError
from host.packages.models import Field, Value
from host.packages.reader import Reader, text_problem

TYPES: Final = ("integer", "number", "boolean", "text", "choice", "color")
MAX_TEXT: Final = 1000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_COLOR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


def read_form(tables: Reader) -> tuple[Field, ...]:
    """The fields of `[settings]`; what is wrong becomes findings."""
    names = tables.keys(
        40, lambda n: None if _NAME.fullmatch(n) else 'must be named in small letters, digits and "_".'
    )
    fields = []
    for name in names:
        table = tables.table(name)
        kind = table.choice("type", TYPES)
        field = Field(
            name=name,
            type=kind,
            default=table.raw("default"),
            label=table.text("label", 80),
            low=_bound(table, "min"),
            high=_bound(table, "max"),
            choices=table.texts("choices", 40, 80, required=kind == "choice"),
        )
        table.done()
        if field.choices and kind != "choice":
            table.wrong("choices", "belong to type choice only.")
        if kind in ("boolean", "choice", "color") and (field.low, field.high) != (None, None):
            table.wrong("min", f"and max mean nothing for type {kind}.")
        if field.low is not None and field.high is not None and field.low > field.high:
            table.wrong("min", "must not be above max.")
        wrong = field_problem(field, field.default)
        if wrong:
            table.wrong("default", wrong)
        fields.append(field)
    tables.done()
    return tuple(fields)


def _bound(table: Reader, key: str) -> float | None:
    value = table.raw(key)
    if value is None:
        return None
    if type(value) not in (int, float) or not abs(value) <= 2**53:
        table.wrong(key, "must be a number.")
        return None
    return float(value) if type(value) is float else value


def field_problem(field: Field, value: Any) -> str | None:
    """What is wrong with a value for a field, or None."""
    if field.type == "boolean":
        return None if type(value) is bool else "must be true or false."
    if field.type == "choice":
        return None if value in field.choices else f"must be one of {', '.join(field.choices)}."
    if field.type == "color":
        good = isinstance(value, str) and _COLOR.fullmatch(value)
        return None if good else "must be a color such as #3366ff."
    if field.type == "text":
        if not isinstance(value, str):
            return "must be a text."
        wrong = text_problem(value, MAX_TEXT) if value else None
        return wrong or _outside(field, len(value), "characters")
    if type(value) is not int and (field.type == "integer" or type(value) is not float):
        return "must be a whole number." if field.type == "integer" else "must be a number."
    if not (math.isfinite(value) if type(value) is float else abs(value) <= 2**53):
        return "must be a number of common size."
    return _outside(field, value, "")


def _outside(field: Field, value: float, unit: str) -> str | None:
    if (field.low is not None and value < field.low) or (field.high is not None and value > field.high):
        low = "" if field.low is None else f" from {field.low:g}"
        high = "" if field.high is None else f" to {field.high:g}"
        return f"must have{low}{high} {unit}." if unit else f"must be a number{low}{high}."
    return None


def fill(fields: tuple[Field, ...], given: Mapping[str, Any]) -> dict[str, Value]:
    """All settings: what the holder gave, else the defaults.

    Raises:
        MallError: placement.bad_setting, naming every wrong one.
    """
    known = {field.name: field for field in fields}
    wrong = [f"{str(name)[:40]} is no setting." for name in given if name not in known]
    values: dict[str, Value] = {}
    for name, field in known.items():
        value = given.get(name, field.default)
        problem = field_problem(field, value)
        if problem:
            wrong.append(f"{name} {problem}")
        values[name] = value
    if wrong:
        raise MallError(
            "placement.bad_setting",
            f"Settings were refused: {' '.join(wrong)}",
            count=len(wrong),
            first=wrong[0],
        )
    return values
