"""The one error family of the host: a stable code, what rule, what value, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Fact = str | int | float | bool | None


class MallError(Exception):
    """A refusal that names its rule.

    Args:
        code: stable `area.reason`, listed in docs/errors.md.
        message: one sentence for a person: what was refused and what to do.
        facts: the values behind it (limits, places, ids); never a secret.
    """

    def __init__(self, code: str, message: str, **facts: Fact) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts: Mapping[str, Fact] = MappingProxyType(facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def as_dict(self) -> dict[str, Fact | dict[str, Fact]]:
        """Shape for the wire and for `--json`."""
        return {"code": self.code, "message": self.message, "facts": dict(self.facts)}
