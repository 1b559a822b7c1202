"""Versions (semver 2.0.0: three numbers and an optional pre-release) and simple ranges of them (">=1.2.0 <2.0.0")."""

from __future__ import annotations

import re
from typing import Final

_NUMBER = r"(0|[1-9][0-9]{0,5})"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z.-]{{1,16}}))?", re.ASCII)
_BOUND: Final = re.compile(r"(>=|<=|>|<|=)([0-9].*)", re.ASCII)

Key = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


def problem(text: str) -> str | None:
    """What is wrong with a version, or None."""
    return None if _VERSION.fullmatch(text) else 'must be a version of three numbers such as "1.2.0".'


def key(text: str) -> Key:
    """Sort key of a good version; a pre-release comes before its release (semver 2.0.0, item 11)."""
    found = _VERSION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    parts = (found[4] or "").split(".") if found[4] else []
    pre = tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts)
    return int(found[1]), int(found[2]), int(found[3]), not parts, pre


def range_problem(text: str) -> str | None:
    """What is wrong with a range, or None."""
    for part in text.split():
        bound = _BOUND.fullmatch(part)
        if bound is None or not _VERSION.fullmatch(bound[2]):
            return 'must be a range such as ">=1.2.0 <2.0.0".'
    return None if text.split() else "must be a range, not blank."


def fits(version: str, wanted: str) -> bool:
    """Whether a good version lies in a good range."""
    have = key(version)
    for part in wanted.split():
        bound = _BOUND.fullmatch(part)
        if bound is None:
            raise ValueError(wanted)
        limit = key(bound[2])
        fine = {
            ">=": have >= limit,
            "<=": have <= limit,
            ">": have > limit,
            "<": have < limit,
            "=": have == limit,
        }
        if not fine[bound[1]]:
            return False
    return True
