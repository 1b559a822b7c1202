"""Control messages to and from bytes, checked against the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from host.errors import MallError

Fields = dict[str, Any]
MAX_INT: Final = 2**53 - 1
"""JSON numbers of clients are doubles: beyond this an int is not exact."""

_decode: Final = msgspec.json.Decoder(Fields).decode
_encode: Final = msgspec.json.Encoder().encode


def _is_int(value: object) -> bool:
    return type(value) is int and -MAX_INT <= value <= MAX_INT


def _is_float(value: object) -> bool:
    return type(value) is float or _is_int(value)


_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "int": _is_int,
    "float": _is_float,
    "str": lambda value: type(value) is str,
    "bool": lambda value: type(value) is bool,
    "object": lambda value: type(value) is dict,
    "any": lambda value: True,
    "list[int]": lambda value: type(value) is list and all(map(_is_int, value)),
    "list[float]": lambda value: type(value) is list and all(map(_is_float, value)),
    "list[str]": lambda value: type(value) is list and all(type(item) is str for item in value),
    "list[list]": lambda value: type(value) is list and all(type(item) is list for item in value),
    "list[object]": lambda value: type(value) is list and all(type(item) is dict for item in value),
}


def decode(text: bytes, kinds: Mapping[str, Mapping[str, str]]) -> tuple[str, Fields] | None:
    """Read one control message; None when its kind is not known here.

    Fields that the schema does not name are dropped: a newer peer may send more.

    Raises:
        MallError: `wire.bad_json` when it is no JSON object with a `t`; `wire.bad_field` with the field's name.
    """
    try:
        message = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MallError("wire.bad_json", f"A text frame holds one JSON object: {error}.") from error
    kind = message.get("t")
    if not isinstance(kind, str):
        raise MallError("wire.bad_json", "A message names its kind in `t`.")
    wanted = kinds.get(kind)
    if wanted is None:
        return None
    return kind, {name: message[name] for name in check(kind, message, wanted)}


def encode(message: Mapping[str, Any]) -> bytes:
    """One control message as a text frame's payload. It must name its kind in `t`."""
    return _encode(message)


def known_type(wanted: str) -> bool:
    """Whether the schema language has this type; a trailing ? marks an optional field."""
    return wanted.removesuffix("?") in _CHECKS


def check(kind: str, message: Fields, wanted: Mapping[str, str]) -> list[str]:
    """Names of the wanted fields that are there, each of its type.

    Raises:
        MallError: `wire.bad_field` with the field's name.
    """
    present: list[str] = []
    for name, type_name in wanted.items():
        optional = type_name.endswith("?")
        if name not in message or (optional and message[name] is None):
            if optional:
                continue
            raise MallError("wire.bad_field", f"`{kind}` needs `{name}`.", kind=kind, field=name)
        if not _CHECKS[type_name.removesuffix("?")](message[name]):
            raise MallError(
                "wire.bad_field",
                f"`{name}` of `{kind}` has to be {type_name.removesuffix('?')}.",
                kind=kind,
                field=name,
            )
        present.append(name)
    return present
