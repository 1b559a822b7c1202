"""`python outer_jail.py COMMAND...`: runs a program where the system refuses seccomp, as some containers do.

A filter of its own answers EPERM to seccomp(2) and to prctl(PR_SET_SECCOMP); everything else passes.
"""

import ctypes
import errno
import os
import struct
import sys

CALLS = {"x86_64": (317, 157), "aarch64": (277, 167)}
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def main() -> None:
    seccomp, prctl = CALLS[os.uname().machine]
    refuse, allow = 0x00050000 | errno.EPERM, 0x7FFF0000
    steps = [
        (0x20, 0, 0, 0),  # the number of the call
        (0x15, 4, 0, seccomp),
        (0x15, 0, 2, prctl),
        (0x20, 0, 0, 16),  # its first argument
        (0x15, 1, 0, PR_SET_SECCOMP),
        (0x06, 0, 0, allow),
        (0x06, 0, 0, refuse),
    ]
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = Program(len(steps), ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0) == 0, os.strerror(ctypes.get_errno())
    os.execv(sys.argv[1], sys.argv[1:])


main()
