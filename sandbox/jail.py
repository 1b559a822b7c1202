"""The jail a worker puts itself in after its imports: another user, resource limits, no new privileges, seccomp.

Each step reports "ok" or why it was refused; a refused step is loud (the host shows the report at start and in
`mall doctor`) but the rest is still applied. Linux only; elsewhere every step says so.
Sources: seccomp(2), prctl(2), setrlimit(2); syscall numbers from the kernel's tables of x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
SIGKILL = 9
NOBODY = 65534
OPEN_FILES = 16

BPF_LOAD, BPF_JUMP_EQUAL, BPF_RETURN = 0x20, 0x15, 0x06
RET_KILL, RET_ERRNO, RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
DATA_NUMBER, DATA_ARCHITECTURE = 0, 4


@dataclass(frozen=True, slots=True)
class Calls:
    """Numbers of one machine: what a worker needs after its start, and what only an escape would try."""

    audit: int
    allowed: tuple[int, ...]
    fatal: tuple[int, ...]


# read write close mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn mremap madvise getpid exit
# restart_syscall clock_gettime clock_nanosleep exit_group futex gettid tgkill getrandom sigaltstack
# fatal: execve execveat socket connect clone fork vfork ptrace clone3 process_vm_readv process_vm_writev bpf
MACHINES = {
    "x86_64": Calls(
        audit=0xC000003E,
        allowed=(
            0,
            1,
            3,
            9,
            10,
            11,
            12,
            13,
            14,
            15,
            25,
            28,
            39,
            60,
            219,
            228,
            230,
            231,
            202,
            186,
            234,
            318,
            131,
        ),
        fatal=(59, 322, 41, 42, 56, 57, 58, 101, 435, 310, 311, 321),
    ),
    "aarch64": Calls(
        audit=0xC00000B7,
        allowed=(
            63,
            64,
            57,
            222,
            226,
            215,
            214,
            134,
            135,
            139,
            216,
            233,
            172,
            93,
            128,
            113,
            115,
            94,
            98,
            178,
            131,
            278,
            132,
        ),
        fatal=(221, 281, 198, 203, 220, 117, 435, 270, 271, 280),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def filter_program(calls: Calls) -> bytes:
    """The BPF program: another architecture is killed, escapes are killed, allowed calls pass, the rest gets EPERM."""
    program = [
        (BPF_LOAD, 0, 0, DATA_ARCHITECTURE),
        (BPF_JUMP_EQUAL, 1, 0, calls.audit),
        (BPF_RETURN, 0, 0, RET_KILL),
        (BPF_LOAD, 0, 0, DATA_NUMBER),
    ]
    for numbers, verdict in ((calls.fatal, RET_KILL), (calls.allowed, RET_ALLOW)):
        for number in sorted(numbers):
            program += [(BPF_JUMP_EQUAL, 0, 1, number), (BPF_RETURN, 0, 0, verdict)]
    program.append((BPF_RETURN, 0, 0, RET_ERRNO | errno.EPERM))
    return b"".join(struct.pack("HBBI", *step) for step in program)


def _prctl(libc: ctypes.CDLL, *arguments: object) -> None:
    padded = (*arguments, 0, 0, 0, 0)[:5]
    if libc.prctl(*padded) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _drop_user() -> str:
    if os.getuid() != 0:
        return f"ok: runs as the host's own user {os.getuid()}"
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    return f"ok: user {NOBODY}"


def _limit_resources(address_space: int) -> str:
    for kind, most in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))
    return "ok"


def _install_filter(libc: ctypes.CDLL) -> str:
    machine = os.uname().machine
    calls = MACHINES.get(machine)
    if calls is None:
        raise OSError(errno.ENOSYS, f"no table of system calls for {machine}")
    code = filter_program(calls)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _prctl(libc, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))
    return "ok: filter"


def close_other_files(keep: frozenset[int]) -> str:
    """Closes every descriptor that the worker was not meant to have."""
    highest = max(keep) + 1
    for number in range(highest):
        if number not in keep:
            try:
                os.close(number)
            except OSError as problem:
                if problem.errno != errno.EBADF:
                    raise
    os.closerange(highest, 4096)
    return "ok"


def apply(address_space: int, keep: frozenset[int]) -> dict[str, str]:
    """Jails this process for good. `address_space` in bytes, `keep` the descriptors to leave open.

    Returns for each step "ok..." or "refused: ...".
    """
    if not sys.platform.startswith("linux"):
        return {"jail": f"refused: {sys.platform} has none of these means; run strangers' code on Linux"}
    libc = ctypes.CDLL(None, use_errno=True)
    steps: tuple[tuple[str, Callable[[], str | None]], ...] = (
        ("files", lambda: close_other_files(keep)),
        ("parent_death", lambda: _prctl(libc, PR_SET_PDEATHSIG, SIGKILL)),
        ("user", _drop_user),
        ("resources", lambda: _limit_resources(address_space)),
        ("not_dumpable", lambda: _prctl(libc, PR_SET_DUMPABLE, 0)),
        ("no_new_privileges", lambda: _prctl(libc, PR_SET_NO_NEW_PRIVS, 1)),
        # changing the user clears the death signal, so it is set again
        ("parent_death_again", lambda: _prctl(libc, PR_SET_PDEATHSIG, SIGKILL)),
        ("seccomp", lambda: _install_filter(libc)),
    )
    report: dict[str, str] = {}
    for name, step in steps:
        try:
            report[name] = step() or "ok"
        except (OSError, ValueError) as problem:
            report[name] = f"refused: {problem}"
    return report
