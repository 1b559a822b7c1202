"""Lives of hosts that end by a kill, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Live = Callable[[Path, str], int]


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """Lives one host on a folder until `point` and answers with the signal that ended it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.economy.killed_host"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    stdin, stdout = server.stdin, server.stdout

    def one(folder: Path, point: str) -> int:
        stdin.write(f"{folder} {point}\n")
        stdin.flush()
        return int(stdout.readline())

    yield one
    stdin.close()
    assert server.wait(timeout=30) == 0
    stdout.close()
