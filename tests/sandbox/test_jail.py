"""The jail, proven from inside of processes that jailed themselves as every worker does: as root and as a user."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from sandbox import jail
from sandbox.limits import DEFAULT_PROCESS_LIMITS
from sandbox.supervisor import Supervisor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is made of means of Linux")
INMATES = Path(__file__).parent / "inmates.py"
A_USER = 12345

REFUSED = {
    "open a readable file": "open('/etc/passwd')",
    "open its own memory": "open('/proc/self/mem', 'rb')",
    "open a file by a folder": "os.open('passwd', os.O_RDONLY, dir_fd=0)",
    "open a file by its name alone": "os.open('.', os.O_RDONLY)",
    "make a file": "os.open('/tmp/new', os.O_CREAT | os.O_WRONLY, 0o600)",
    "make a folder": "os.mkdir('new')",
    "list a folder": "os.listdir('/')",
    "remove a file": "os.remove(HOST_FILE)",
    "rename a file": "os.rename(HOST_FILE, HOST_FILE + '2')",
    "link a file": "os.symlink('/etc/passwd', '/tmp/link')",
    "change a file's rights": "os.chmod(HOST_FILE, 0o777)",
    "read a link": "os.readlink('/proc/self/exe')",
    "look at a process": "os.stat('/proc/1')",
    "make a pipe": "os.pipe()",
    "copy a descriptor": "os.dup(0)",
    "send a descriptor's bytes": "os.sendfile(1, 0, 0, 10)",
    "go elsewhere": "os.chdir('/')",
    "change its priority": "os.nice(-5)",
    "write over a program": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
}
"""Answered with EPERM."""

KILLED = {
    "internet socket": "sockets.socket(sockets.AF_INET)",
    "datagram socket": "sockets.socket(sockets.AF_INET6, sockets.SOCK_DGRAM)",
    "unix socket": "sockets.socket(sockets.AF_UNIX)",
    "netlink socket": "sockets.socket(sockets.AF_NETLINK, sockets.SOCK_RAW)",
    "pair of sockets": "sockets.socketpair()",
    "message with descriptors": "by_name('sendmsg', 3, 0, 0)",
    "fork": "os.fork()",
    "vfork": "by_name('vfork')",
    "clone": "by_name('clone', 17, 0, 0, 0, 0)",
    "clone3": "by_name('clone3', 0, 0)",
    "thread": "threading.Thread(target=print).start()",
    "exec": "os.execv('/bin/true', ['true'])",
    "exec of a descriptor": "by_name('execveat', 3, b'', None, None, 0x1000)",
    "file in memory to execute": "os.memfd_create('program')",
    "ptrace itself": "libc.ptrace(0, 0, 0, 0)",
    "ptrace its parent": "by_name('ptrace', 16, PARENT, 0, 0)",
    "read another's memory": "by_name('process_vm_readv', PARENT, 0, 0, 0, 0, 0)",
    "write another's memory": "by_name('process_vm_writev', PARENT, 0, 0, 0, 0, 0)",
    "kill its parent": "os.kill(PARENT, 9)",
    "kill a thread of its parent": "by_name('tgkill', PARENT, PARENT, 9)",
    "kill all": "os.kill(-1, 9)",
    "handle of its parent": "by_name('pidfd_open', PARENT, 0)",
    "mount": "libc.mount(b'none', b'/', b'tmpfs', 0, None)",
    "unmount": "libc.umount2(b'/', 2)",
    "new namespaces": "libc.unshare(0x10000000)",
    "namespaces of another": "libc.setns(3, 0)",
    "another root": "os.chroot('/')",
    "become root": "os.setuid(0)",
    "become root again": "os.setresuid(0, 0, 0)",
    "root's group": "os.setresgid(0, 0, 0)",
    "capabilities": "by_name('capset', 0, 0)",
    "bpf": "by_name('bpf', 0, 0, 0)",
    "perf_event_open": "by_name('perf_event_open', 0, 0, -1, -1, 0)",
    "io_uring": "by_name('io_uring_setup', 8, ctypes.create_string_buffer(256))",
    "asynchronous reads": "by_name('io_setup', 8, ctypes.create_string_buffer(8))",
    "keyring": "by_name('keyctl', 0, -3, 1)",
    "key": "by_name('add_key', b'user', b'a', b'b', 1, -3)",
    "userfaultfd": "by_name('userfaultfd', 0)",
    "prctl, to be dumpable": "libc.prctl(4, 1, 0, 0, 0)",
    "prctl, to live on": "libc.prctl(1, 0, 0, 0, 0)",
    "personality": "libc.personality(0x0400000)",
    "another filter": "by_name('seccomp', 1, 0, 0)",
    "kernel module": "by_name('init_module', 0, 0, 0)",
    "handle of a file": "by_name('open_by_handle_at', 0, 0, 0)",
    "call of another architecture": "old_call()",
    "call of x32": "call(0x40000000 + 39)",
    "call of x32, made an allowed one": "call(0x40000000 + 0, 0, 0, 0)",
}
"""Killed by SIGSYS."""

BY_NUMBER = {
    "make memory code": "call((10, 226), ctypes.addressof(ctypes.c_char.from_buffer(DATA)), 4096, 5)",
    "map code": "call((9, 222), 0, 4096, 5, 0x22, -1, 0)",
    "map code, with more bits set": "call((9, 222), 0, 4096, (1 << 40) | 7, 0x22, -1, 0)",
    "map the mark as code": "call((9, 222), 0, 4096, 5, 1, MARK, 0)",
    "watch files": "call((294, 26), 0)",
    "shared memory of System V": "call((29, 194), 0, 4096, 0o1600)",
    "raise a limit": "call((302, 261), 0, 6, ctypes.create_string_buffer(16), None)",
    "set a clock": "call((227, 112), 0, ctypes.create_string_buffer(16))",
    "wait for others": "call((61, 260), -1, None, 0, None)",
}
"""Answered with EPERM where Python has no word for the call."""

LOOKS = {
    "report": "REPORT",
    "environment": "dict(os.environ)",
    "write a page": "len(mmap.mmap(-1, 1 << 20)) == 1 << 20",
    "descriptors": "[n for n in range(1024) if call((1, 64), n, b'', 0) != 'EBADF']",
}
ATTEMPTS = {**REFUSED, **KILLED, **BY_NUMBER, **LOOKS}


def run_inmates(
    user: int, attempts: dict[str, str], folder: Path, *, without_filter: bool = False
) -> dict[str, Any]:
    """What became of each attempt, made by a worker that was started as `user` (0: as who runs the tests)."""
    (folder / "host.txt").write_text("kept")
    child = subprocess.run(
        [sys.executable, "-I", str(INMATES)],
        input=json.dumps({"user": user, "attempts": attempts, "without_filter": without_filter}),
        env={"INMATE_FILE": str(folder / "host.txt"), "LANG": "C", "PATH": ""},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr[-3000:]
    return json.loads(child.stdout)


@pytest.fixture(scope="module", params=["as it is", "as a user"])
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Outcomes of all attempts: of workers started by who runs the tests, and by an unprivileged user."""
    user = A_USER if request.param == "as a user" else 0
    if user and os.geteuid() != 0:
        pytest.skip(
            f"only root can start workers as another user; user {os.geteuid()} has proven the other half"
        )
    folder = tmp_path_factory.mktemp("host")
    found = run_inmates(user, ATTEMPTS, folder)
    assert (folder / "host.txt").read_text() == "kept"
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_worker_is_refused(outcomes: dict[str, Any], name: str) -> None:
    assert outcomes[name] == [0, "PermissionError EPERM"]


@pytest.mark.parametrize("name", KILLED)
def test_a_worker_that_tries_to_get_out_is_killed(outcomes: dict[str, Any], name: str) -> None:
    assert outcomes[name] == [-signal.SIGSYS, None]


@pytest.mark.parametrize("name", BY_NUMBER)
def test_a_worker_is_refused_by_number(outcomes: dict[str, Any], name: str) -> None:
    assert outcomes[name] == [0, "EPERM"]


def test_a_worker_has_no_secret_and_no_descriptor_but_its_own(outcomes: dict[str, Any]) -> None:
    environment = outcomes["environment"][1]
    assert environment.keys() <= {"INMATE_FILE", "LANG", "LC_CTYPE", "PATH"}
    assert len(outcomes["descriptors"][1]) == len(jail.STREAMS) + 2
    assert outcomes["write a page"] == [0, True]


def test_the_report_is_whole_for_root_and_for_a_user(outcomes: dict[str, Any]) -> None:
    status, report = outcomes["report"]
    assert status == 0
    assert list(report) == [
        "files", "empty_folder", "namespaces", "empty_root", "user", "not_dumpable", "no_new_privileges", "landlock",
        "resources", "parent_death", "seccomp",
    ]  # fmt: skip
    assert not jail.weaknesses(report), report


def test_a_supervised_worker_is_what_its_report_says() -> None:
    """Seen from outside, in the kernel's own words."""

    async def look() -> tuple[dict[str, str], dict[str, str], dict[str, str], dict[str, str], str]:
        supervisor = Supervisor(on_outbox=lambda _: None, on_fault=lambda _: None)
        await supervisor.start()
        try:
            pid = supervisor.worker_pids()[0]
            process = Path(f"/proc/{pid}")
            status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
            limits = {
                line[:26].strip(): line[26:47].strip()
                for line in (process / "limits").read_text().splitlines()
            }
            files, environment = {}, ""
            if os.geteuid() == 0:
                files = {entry.name: os.readlink(entry) for entry in (process / "fd").iterdir()}
                files["root"] = os.readlink(process / "root")
                environment = (process / "environ").read_text()
            return (
                {k: v.strip() for k, v in status.items()},
                limits,
                dict(supervisor.jail_report()),
                files,
                environment,
            )
        finally:
            await supervisor.stop()

    status, limits, report, files, environment = asyncio.run(look())
    assert not jail.weaknesses(report), report
    assert (status["Seccomp"], status["NoNewPrivs"], status["Threads"]) == ("2", "1", "1")
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    for name in (
        "Max open files",
        "Max core file size",
        "Max file size",
        "Max processes",
        "Max locked memory",
    ):
        assert limits[name] == "0", name
    assert limits["Max address space"] == str(DEFAULT_PROCESS_LIMITS.address_space_bytes)
    if os.geteuid() != 0:
        warnings.warn("only root sees a worker's descriptors and environment from outside", stacklevel=1)
        return
    assert set(status["Uid"].split()) == set(status["Gid"].split()) == {str(jail.NOBODY)}
    assert status["Groups"] == ""
    assert sorted(
        kind.partition(":")[0] for kind in files.values() if not kind.startswith("/dev/null")
    ) == sorted([files["root"], "/memfd", "socket"])
    assert [files[str(number)] for number in jail.STREAMS] == ["/dev/null"] * 3
    assert files["root"].endswith("(deleted)") or report["empty_root"].startswith("unavailable")
    assert {line.partition("=")[0] for line in environment.split("\0") if line} <= {
        "MALLOC_ARENA_MAX",
        "LANG",
        "PATH",
    }


def test_limits_hold_where_seccomp_would_be_refused(tmp_path: Path) -> None:
    """Each means by itself: without the filter, files, processes and the network are closed all the same."""
    attempts = {
        "open": "open('/etc/passwd')",
        "root": "os.listdir('/')",
        "fork": "os.fork()",
        "connect": "sockets.create_connection(('127.0.0.1', 9))",
        "signal": "os.kill(PARENT, 9)",
        "write": "open('new', 'w')",
    }
    outcomes = run_inmates(0, attempts, tmp_path, without_filter=True)
    assert {status for status, _ in outcomes.values()} == {0}, outcomes
    closed = ("PermissionError ", "FileNotFoundError ", "BlockingIOError ", "OSError ")
    assert all(str(answer).startswith(closed) for _, answer in outcomes.values()), outcomes


def test_a_refused_step_is_told_with_what_it_means() -> None:
    said = jail.weaknesses({"files": "ok", "seccomp": "refused: no", "landlock": "unavailable: old kernel"})
    assert said == [f"seccomp is refused: no. So {jail.MEANINGS['seccomp']}."]
