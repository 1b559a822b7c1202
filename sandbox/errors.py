"""The error of the sandbox: a stable code, a sentence for people, facts for programs."""

from __future__ import annotations


class SandboxError(Exception):
    """A refusal by the sandbox.

    `code` is stable (`sandbox.script_error`), `message` names the rule, the value and the place,
    `facts` carries the same as plain values (file, line, limit, used, instance, ...).
    """

    def __init__(self, code: str, message: str, **facts: str | int | float | bool) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.facts = facts
