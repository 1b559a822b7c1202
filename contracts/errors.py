"""Errors of the contracts area: a stable code, a sentence that says what to do, and the facts."""

from __future__ import annotations


class ChainError(Exception):
    """Something about the chain went wrong.

    `code` is stable (`chain.nonce`, `chain.locked`, ...), `message` names the rule and the way out, `facts`
    holds the values.
    """

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.facts: dict[str, object] = facts


class ChainRevert(ChainError):  # noqa: N818 - a refusal is an answer, not a failure
    """A contract refused a call. `error` is the name of its custom error, `values` are that error's arguments
    by name."""

    def __init__(self, error: str, values: dict[str, object], data: bytes) -> None:
        shown = ", ".join(f"{name}={value}" for name, value in values.items())
        super().__init__(
            "chain.reverted",
            f"the contract refused the call with {error}({shown})",
            error=error,
            values=values,
            data="0x" + data.hex(),
        )
        self.error = error
        self.values = values
        self.data = data
