"""The `mall` command as a person runs it: a process of its own, its answers read from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


def mall(*arguments: str, data: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    return subprocess.run(
        [sys.executable, "-m", "host.cli", *arguments, "--data", str(data)],
        cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip


def answer(*arguments: str, data: Path) -> Any:
    """The JSON answer of a verb that must work."""
    done = mall(*arguments, "--json", data=data)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def refusal(*arguments: str, data: Path) -> dict[str, Any]:
    """The error of a verb that must be refused with exit code 1."""
    done = mall(*arguments, "--json", data=data)
    assert done.returncode == 1, done.stdout + done.stderr
    error: dict[str, Any] = json.loads(done.stdout)["error"]
    return error


def kill_all_of(data: Path) -> None:
    """SIGKILL every process that was started for this data folder, the client too."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                words = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if str(data).encode() in words:
                kill(int(process.name))


def kill(pid: int) -> None:
    """SIGKILL a process that may be gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def serving(
    data: Path, *, tree: Path = ROOT, port: int = 0
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """`python -m host.serve` on this data folder, from this tree; the process and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "host.serve", "--data", str(data), "--port", str(port)],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline() or "{}")
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)
