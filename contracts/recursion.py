"""Keeps Python's recursion limit where deep JSON is an error and not the end of the process.

py_ecc, which web3.py and py-evm import, raises the limit to 100,000; json and msgspec then follow a stranger's
brackets until the stack of the thread (8 MB) is full and the process dies: msgspec between 20,000 and 40,000 levels,
json between 60,000 and 90,000.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

EVM_LIMIT: Final = 15_000
"""Enough for 1,024 nested calls in py-evm, which takes 12 frames for each."""


@contextmanager
def kept_recursion_limit(least: int = 0) -> Iterator[None]:
    """Around imports that raise the limit: afterwards it is as before, or `least` where that is more."""
    before = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(max(before, least))
