"""The jail a worker puts itself in after its imports: no files, no network, another user, few resources, few calls.

Each step reports "ok...", "refused: why" or, for a step that only adds depth, "unavailable: why". A refused step is
loud (the host says so at start, in `mall status` and in `mall doctor`), but the rest is still applied. Linux only;
elsewhere the one step `jail` is refused. Must run while the process has one thread.
Sources: prctl(2), setrlimit(2), capset(2), unshare(2), chroot(2), landlock(7), `sandbox.seccomp`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import struct
import sys
import time
from collections.abc import Callable, Mapping

from sandbox import seccomp

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
SIGKILL = 9
NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
CAPABILITY_VERSION_3 = 0x20080522
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF, LANDLOCK_ASK_VERSION = 444, 446, 1
STREAMS = (0, 1, 2)

MEANINGS: Mapping[str, str] = {
    "jail": "a creation that breaks out of Lua may do whatever the host's user may do",
    "worker": "no creation can run",
    "files": "a creation that breaks out of Lua may use files and sockets that the host has open",
    "parent_death": "workers may outlive a host that was killed",
    "user": "a creation that breaks out of Lua has the rights of root; run the host as a user of its own",
    "not_dumpable": "processes of the same user may read a worker's memory",
    "no_new_privileges": "a creation that breaks out of Lua may start programs with more rights",
    "resources": "a creation that breaks out of Lua may fill the memory, or start processes",
    "seccomp": "a creation that breaks out of Lua may make any system call; "
    "only the user, the limits and the empty root hold it",
    "empty_folder": "there is no empty root; run the host where it may write to a folder for temporary files",
    "namespaces": "the network is closed by seccomp alone",
    "empty_root": "files are closed by seccomp and Landlock alone",
    "landlock": "files are closed by seccomp and the empty root alone",
}
"""What it means for the operator when a step is not "ok"."""


def _call(libc: ctypes.CDLL, function: str, *arguments: object) -> int:
    """A function of libc; raises OSError where it gives -1."""
    value = int(getattr(libc, function)(*arguments))
    if value == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return value


def _prctl(libc: ctypes.CDLL, option: int, value: int) -> None:
    _call(libc, "prctl", option, value, 0, 0, 0)


def close_other_files(keep: frozenset[int]) -> str:
    """Closes every descriptor but `keep`; standard streams lead nowhere, as they are the host's terminal or log."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in STREAMS:
        os.dup2(nowhere, number)
    kept = sorted(keep | set(STREAMS))
    for after, before in zip(kept, [*kept[1:], os.sysconf("SC_OPEN_MAX")], strict=True):
        os.closerange(after + 1, before)
    return "ok"


def _enter_deleted_folder() -> None:
    """Works in a folder that is deleted already: nothing is in it and nothing can be made in it."""
    problem = OSError(errno.ENOENT, "no folder for temporary files")
    for parent in ("/tmp", "/run", "/dev/shm"):  # noqa: S108 - mkdir makes a folder of ours or fails
        folder = f"{parent}/mall-worker-{os.getpid()}-{time.monotonic_ns()}"
        try:
            os.mkdir(folder, 0o700)
        except OSError as refused:
            problem = refused
            continue
        os.chdir(folder)
        os.rmdir(folder)
        return
    raise problem


def _own_namespaces(libc: ctypes.CDLL) -> str:
    """A network with nothing in it; who is not root needs a user namespace for that, which also allows chroot."""
    as_root = os.geteuid() == 0
    _call(libc, "unshare", CLONE_NEWNET | CLONE_NEWIPC | (0 if as_root else CLONE_NEWUSER))
    return "ok: no network"


def _empty_root() -> str:
    if os.stat(".").st_nlink != 0:
        raise OSError(errno.ENOTEMPTY, "there is no deleted folder to stand in")
    os.chroot(".")
    return "ok: an empty root"


def _drop_user(libc: ctypes.CDLL, user: int) -> str:
    """Gives up root and every capability, also those of a user namespace of its own."""
    if user == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    header = ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITY_VERSION_3, 0))
    _call(libc, "capset", header, ctypes.create_string_buffer(24))
    return f"ok: user {NOBODY}" if user == 0 else f"ok: runs as the host's own user {user}"


def _landlock(libc: ctypes.CDLL) -> str:
    """Refuses all files, TCP, and signals to others, as far as the kernel's version of Landlock knows them."""
    version = _call(libc, "syscall", ctypes.c_long(LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0),
                    ctypes.c_uint(LANDLOCK_ASK_VERSION))  # fmt: skip
    file_rights = 13 + sum(version >= since for since in (2, 3, 5))
    network = 0b11 if version >= 4 else 0
    scoped = 0b11 if version >= 6 else 0
    rules = struct.pack("=QQQ", (1 << file_rights) - 1, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rule_set = _call(libc, "syscall", ctypes.c_long(LANDLOCK_CREATE_RULESET),
                     ctypes.create_string_buffer(rules, size), ctypes.c_size_t(size), ctypes.c_uint(0))  # fmt: skip
    try:
        _call(
            libc, "syscall", ctypes.c_long(LANDLOCK_RESTRICT_SELF), ctypes.c_int(rule_set), ctypes.c_uint(0)
        )
    finally:
        os.close(rule_set)
    return f"ok: version {version}"


def _limit_resources(address_space: int) -> str:
    for kind, most in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    return "ok"


def apply(address_space: int, keep: frozenset[int]) -> dict[str, str]:
    """Jails this process for good. `address_space` in bytes, `keep` the descriptors to leave open.

    Returns for each step "ok...", "refused: ..." or "unavailable: ...".
    """
    if not sys.platform.startswith("linux"):
        return {"jail": f"refused: {sys.platform} has none of these means; run strangers' code on Linux"}
    libc = ctypes.CDLL(None, use_errno=True)
    user = os.geteuid()
    steps: tuple[tuple[str, str, Callable[[], str | None]], ...] = (
        ("files", "refused", lambda: close_other_files(keep)),
        ("empty_folder", "unavailable", _enter_deleted_folder),
        ("namespaces", "unavailable", lambda: _own_namespaces(libc)),
        ("empty_root", "unavailable", _empty_root),
        ("user", "refused", lambda: _drop_user(libc, user)),
        ("not_dumpable", "refused", lambda: _prctl(libc, PR_SET_DUMPABLE, 0)),
        ("no_new_privileges", "refused", lambda: _prctl(libc, PR_SET_NO_NEW_PRIVS, 1)),
        ("landlock", "unavailable", lambda: _landlock(libc)),
        ("resources", "refused", lambda: _limit_resources(address_space)),
        # after the user, as a change of the user clears it
        ("parent_death", "refused", lambda: _prctl(libc, PR_SET_PDEATHSIG, SIGKILL)),
        ("seccomp", "refused", lambda: seccomp.install(libc)),
    )
    report: dict[str, str] = {}
    for name, failing, step in steps:
        try:
            report[name] = step() or "ok"
        except (OSError, ValueError) as problem:
            report[name] = f"{failing}: {problem}"
    return report


def weaknesses(report: Mapping[str, str]) -> list[str]:
    """One sentence for each refused step of a jail's report: what it means and why; empty when the jail is whole."""
    return [
        f"{step} is {verdict}. So {MEANINGS.get(step, 'the jail is weaker')}."
        for step, verdict in report.items()
        if verdict.startswith("refused")
    ]
