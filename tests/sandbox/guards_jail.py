"""What a broken-out worker would do to the machine: each step of the jail by itself."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.guards import TESTS, Row


@dataclass(frozen=True, slots=True)
class JailGuard:
    """A step of the jail, the change that leaves it out, and an attempt from inside.

    `safe` is what the answer holds where the step stops the attempt. `also` leaves out steps that would stop it too.
    """

    guard: str
    without: str
    old: str
    new: str
    attempt: str
    safe: str
    also: tuple[tuple[str, str], ...] = ()
    user: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def row(self) -> Row:
        """Its row of the threat model."""
        test = f"{TESTS}::test_a_step_of_the_jail_matters[{self.guard}]"
        return Row(self.guard, "`jail.py` apply", self.without, test)


LEFT_OUT = {
    "files": ("lambda: close_other_files(keep)),", 'lambda: "left out"),'),
    "empty_root": ('"unavailable", _empty_root),', '"unavailable", lambda: "left out"),'),
    "namespaces": ("lambda: _own_namespaces(libc)),", 'lambda: "left out"),'),
    "user": ("lambda: _drop_user(libc, user)),", 'lambda: "left out"),'),
    "not_dumpable": ("lambda: _prctl(libc, PR_SET_DUMPABLE, 0)),", 'lambda: "left out"),'),
    "no_new_privileges": ("lambda: _prctl(libc, PR_SET_NO_NEW_PRIVS, 1)),", 'lambda: "left out"),'),
    "landlock": ("lambda: _landlock(libc)),", 'lambda: "left out"),'),
    "resources": ("lambda: _limit_resources(address_space)),", 'lambda: "left out"),'),
    "parent_death": ("lambda: _prctl(libc, PR_SET_PDEATHSIG, SIGKILL)),", 'lambda: "left out"),'),
    "seccomp": ("lambda: seccomp.install(libc)),", 'lambda: "left out"),'),
}
"""Changes that leave one step out each."""
A_USER = 12345
OUR_NETWORK = os.readlink("/proc/self/ns/net") if sys.platform.startswith("linux") else ""
PRCTL = "libc.prctl({}, 0, 0, 0, 0)"
JAIL_GUARDS = (
    JailGuard(
        "no other descriptors",
        "it uses files and sockets that the host has open",
        *LEFT_OUT["files"],
        "os.fstat(2).st_rdev != 0",
        "True",
    ),
    JailGuard(
        "empty root",
        "where seccomp and Landlock are refused, it reads all files of the machine",
        *LEFT_OUT["empty_root"],
        "len(os.listdir('/'))",
        "Error",
        also=(LEFT_OUT["landlock"], LEFT_OUT["resources"]),
    ),
    JailGuard(
        "Landlock",
        "where seccomp and the empty root are refused, it reads what any user may read",
        *LEFT_OUT["landlock"],
        "len(os.listdir('/'))",
        "PermissionError",
        also=(LEFT_OUT["empty_root"], LEFT_OUT["resources"]),
    ),
    JailGuard(
        "no network",
        "where seccomp is refused, it reaches services of the machine",
        *LEFT_OUT["namespaces"],
        f"os.readlink('/proc/self/ns/net') == {OUR_NETWORK!r}",
        "False",
        also=(LEFT_OUT["landlock"], LEFT_OUT["empty_root"]),
    ),
    JailGuard(
        "another user",
        "where seccomp is refused, it has the rights of root",
        *LEFT_OUT["user"],
        "os.getuid() == 0",
        "False",
    ),
    JailGuard(
        "not dumpable",
        "processes of the same user read its memory, and by it those of neighbours",
        *LEFT_OUT["not_dumpable"],
        PRCTL.format(3),
        "0",
        user=A_USER,
    ),
    JailGuard(
        "no new privileges",
        "it starts programs with more rights, and no filter of calls can be set",
        *LEFT_OUT["no_new_privileges"],
        PRCTL.format(39),
        "1",
        also=(LEFT_OUT["landlock"],),
    ),
    JailGuard(
        "resources",
        "where seccomp is refused, it starts processes and fills the memory",
        *LEFT_OUT["resources"],
        "os.fork() or os._exit(0)",
        "BlockingIOError",
    ),
    JailGuard(
        "end with the host",
        "it lives on after a host that was killed",
        *LEFT_OUT["parent_death"],
        "[libc.prctl(2, ctypes.byref(v := ctypes.c_int()), 0, 0, 0), v.value]",
        "[0, 9]",
    ),
    JailGuard(
        "system calls",
        "it makes any of some 350 system calls, among them those with holes",
        *LEFT_OUT["seccomp"],
        "os.getpid() > 0",
        "False",
        options={"without_filter": False},
    ),
)
