"""The jail, proven from inside a worker process that jailed itself as every worker does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

PROBE = """
import os, sys, json, ctypes
import socket as sockets
import sandbox.worker as worker

attempt = sys.argv.pop()
libc = ctypes.CDLL(None, use_errno=True)

def run(self):
    try:
        value = eval(attempt)
    except BaseException as problem:
        value = f"{type(problem).__name__} {getattr(problem, 'errno', '')}"
    os.write(self._socket, b"ANSWER" + json.dumps(str(value)).encode())

worker.Worker.run = run
worker.main()
"""


def attempt(code: str) -> tuple[int, str | None]:
    """Exit status and answer of a real worker that tries `code` once it is jailed."""
    ours, theirs = socket.socketpair()
    mark = os.memfd_create("mark")
    os.ftruncate(mark, 4096)
    with ours, theirs:
        arguments = [str(theirs.fileno()), str(mark), "{}", code]
        child = subprocess.run(
            [sys.executable, "-I", "-c", PROBE, *arguments],
            pass_fds=(theirs.fileno(), mark),
            timeout=60,
            capture_output=True,
        )
        theirs.close()
        data = b""
        while piece := ours.recv(65536):
            data += piece
    os.close(mark)
    _, found, answer = data.partition(b"ANSWER")
    return child.returncode, json.loads(answer) if found else None


REFUSED = {
    "open a file": "open('/etc/passwd')",
    "write a file": "os.open('/tmp/x', os.O_CREAT | os.O_WRONLY)",
    "list a folder": "os.listdir('/')",
    "signal another": "os.kill(os.getppid(), 9)",
    "become root": "os.setuid(0)",
    "change root": "os.chroot('/tmp')",
    "look at a process": "os.stat('/proc/1')",
}
KILLED = {
    "socket": "sockets.socket(sockets.AF_INET)",
    "unix socket": "sockets.socket(sockets.AF_UNIX)",
    "fork": "os.fork()",
    "exec": "os.execv('/bin/true', ['true'])",
    "ptrace": "libc.ptrace(0, 0, 0, 0)",
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED.keys())
def test_a_worker_is_refused(code: str) -> None:
    status, answer = attempt(code)
    assert status == 0
    assert answer == "PermissionError 1"


@pytest.mark.parametrize("code", KILLED.values(), ids=KILLED.keys())
def test_a_worker_that_tries_to_get_out_is_killed(code: str) -> None:
    status, answer = attempt(code)
    assert status == -signal.SIGSYS
    assert answer is None


def test_a_worker_is_nobody_when_the_host_is_root() -> None:
    status, answer = attempt("(libc.getpid() > 0, 'alive')")
    assert (status, answer) == (0, "(True, 'alive')")


def test_the_host_is_told_what_each_step_of_the_jail_did(in_house) -> None:
    async def test(house) -> None:
        report = house.supervisor.jail_report()
        assert {"user", "resources", "no_new_privileges", "seccomp", "files"} <= report.keys()
        assert not [step for step, verdict in report.items() if verdict.startswith("refused")]

    in_house(test)
