"""The filter of system calls that a worker puts on itself: which calls pass, which kill, and the program for it.

An allow list. Its calls were measured by tracing a worker under load (hundreds of states, faults, memory limits);
`mmap` and `mprotect` pass only without PROT_EXEC, so that no code can be made. All else gets EPERM, as Python and
libc open files, ask for their pid or touch signal handlers on ways that are harmless when refused (a traceback looks
for its source). Calls that neither would ever make by themselves kill the process: whoever makes them has broken out.
Sources: seccomp(2), the kernel's Documentation/userspace-api/seccomp_filter.rst, and its tables of system calls
(arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from dataclasses import dataclass
from typing import Final

PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
PROT_EXEC: Final = 4
X32_BIT: Final = 0x40000000
"""Numbers of the x32 ABI, which reach other entries under the architecture of x86_64."""

LOAD: Final = 0x20
JUMP_EQUAL: Final = 0x15
JUMP_AT_LEAST: Final = 0x35
JUMP_ANY_BIT: Final = 0x45
RETURN: Final = 0x06
KILL: Final = 0x80000000
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | errno.EPERM
NUMBER, ARCHITECTURE, THIRD_ARGUMENT = 0, 4, 32
"""Offsets in `struct seccomp_data`; of the argument the low half, both machines being little-endian."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One architecture: the kernel's name for it in audit, its column in the table, whether x32 numbers exist."""

    audit: int
    column: int
    x32: bool


MACHINES: Final = {
    "x86_64": Machine(audit=0xC000003E, column=0, x32=True),
    "aarch64": Machine(audit=0xC00000B7, column=1, x32=False),
}

ALLOWED: Final[dict[str, tuple[int, int]]] = {
    "read": (0, 63),
    "write": (1, 64),
    "clock_gettime": (228, 113),
    "brk": (12, 214),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "rt_sigreturn": (15, 139),
    "exit_group": (231, 94),
}
"""Number on x86_64 and on aarch64; the most frequent first."""

ALLOWED_WITHOUT_EXEC: Final[dict[str, tuple[int, int]]] = {"mmap": (9, 222), "mprotect": (10, 226)}
"""Pass only where their third argument has no PROT_EXEC."""

FATAL: Final[dict[str, tuple[int | None, int | None]]] = {
    "fork": (57, None), "vfork": (58, None), "clone": (56, 220), "clone3": (435, 435),
    "execve": (59, 221), "execveat": (322, 281), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "pkey_mprotect": (329, 288),
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "recvmsg": (47, 212),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "io_setup": (206, 0),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "unshare": (272, 97), "setns": (308, 268), "personality": (135, 92), "seccomp": (317, 277),
    "prctl": (157, 167), "arch_prctl": (158, None),
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159), "capset": (126, 91),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "open_by_handle_at": (304, 265), "modify_ldt": (154, None), "ioperm": (173, None), "iopl": (172, None),
}  # fmt: skip
"""Kill: nothing in a worker ever makes them."""


def numbers(
    calls: dict[str, tuple[int, int]] | dict[str, tuple[int | None, int | None]], machine: Machine
) -> list[int]:
    """The numbers of `calls` on a machine, in their order; calls that it does not have are left out."""
    found = (pair[machine.column] for pair in calls.values())
    return [number for number in found if number is not None]


def program(machine: Machine) -> bytes:
    """The filter in BPF: other architectures and x32 are killed; then allowed, checked and fatal calls; else EPERM."""
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, machine.audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if machine.x32:
        steps += [(JUMP_AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    for number in numbers(ALLOWED, machine):
        steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for number in numbers(ALLOWED_WITHOUT_EXEC, machine):
        steps += [
            (JUMP_EQUAL, 0, 4, number),
            (LOAD, 0, 0, THIRD_ARGUMENT),
            (JUMP_ANY_BIT, 0, 1, PROT_EXEC),
            (RETURN, 0, 0, REFUSE),
            (RETURN, 0, 0, ALLOW),
        ]
    for number in numbers(FATAL, machine):
        steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, KILL)]
    steps.append((RETURN, 0, 0, REFUSE))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(libc: ctypes.CDLL) -> str:
    """Puts the filter on this process for good; it must have no other thread and no_new_privs. Raises OSError."""
    name = os.uname().machine
    machine = MACHINES.get(name)
    if machine is None:
        raise OSError(errno.ENOSYS, f"there is no table of system calls for {name}")
    code = program(machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    given = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(given), 0, 0) != 0:
        code_of = ctypes.get_errno()
        raise OSError(code_of, os.strerror(code_of))
    allowed = len(ALLOWED) + len(ALLOWED_WITHOUT_EXEC)
    return f"ok: {allowed} system calls are allowed"
