"""JSON from strangers: refused before a parser follows its brackets into the end of the stack."""

from __future__ import annotations

import json
import re
from typing import Any, Final

MAX_DEPTH: Final = 32
_MOST_BRACKETS: Final = 1_000_000

# A string that never ends counts as one: the parser stops there.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def read_json(text: bytes) -> Any:
    """The value of a JSON text. Raises ValueError when it is none, or not `shallow`."""
    if not shallow(text):
        raise ValueError("its brackets are too many or too deep")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("its brackets are too deep") from error


def shallow(text: bytes) -> bool:
    """Whether the brackets of a JSON text close and nest at most MAX_DEPTH deep (twice that where both kinds take
    turns), in linear time and before anything recurses into it."""
    left = _STRING.sub(b"", text).translate(None, _NO_BRACKET)
    if len(left) > _MOST_BRACKETS:
        return False
    for _ in range(MAX_DEPTH):
        if not left:
            return True
        left = left.replace(b"[]", b"").replace(b"{}", b"")
    return not left
