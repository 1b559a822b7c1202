"""What can be wrong with one endpoint's answer; never leaves `contracts.rpc`."""

from __future__ import annotations

_SHOWN = 200


class EndpointFault(Exception):  # noqa: N818 - a state or an answer, not only an error
    """This endpoint's answer cannot be used; another one may be asked. `reason` may be shown to people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(EndpointFault):
    """No answer: the connection failed, the deadline passed, or HTTP said something else than 200."""


class Malformed(EndpointFault):
    """An answer that no honest node gives."""


class TooLong(Malformed):
    """An answer of more bytes than we read."""


class Unknown(EndpointFault):
    """An honest node may say so: it does not have this block (yet, or any more)."""


class Moved(Unknown):
    """The chain changed between two questions; ask both again."""


class Refused(EndpointFault):
    """A JSON-RPC error. `data` is what a contract gave as its reason, where there is one."""

    def __init__(self, code: int, message: str, data: object) -> None:
        super().__init__(f"{code} {shown(message)}")
        self.code = code
        self.message = message.lower()
        self.data = data


def shown(text: str) -> str:
    """A stranger's words, short and printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_SHOWN])
