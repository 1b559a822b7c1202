"""Runs attempts inside jailed workers: `python -I inmates.py` reads JSON {user, attempts} and answers {name: outcome}.

Every attempt has a process of its own, forked from this one, that becomes a worker by `sandbox.worker.main` and
makes the attempt where the worker would begin to serve. An outcome is [exit status, answer or null].
"""

import contextlib
import ctypes
import errno
import json
import mmap
import os
import socket
import socket as sockets  # noqa: F401 - for attempts
import sys
import threading  # noqa: F401 - for attempts

from sandbox import seccomp, worker
from sandbox.seccomp import FATAL, MACHINES

libc = ctypes.CDLL(None, use_errno=True)
HOST_FILE = os.environ["INMATE_FILE"]
PARENT = os.getpid()
MACHINE = os.uname().machine
CODE = {
    # mov eax, 20; int 0x80; ret - getpid by the calls of 32 bits
    "x86_64": b"\xb8\x14\x00\x00\x00\xcd\x80\xc3",
}.get(MACHINE)


def call(number, *arguments):
    """A system call by its number, or by a pair of x86_64's and aarch64's; its result, or the name of its error."""
    if isinstance(number, tuple):
        number = number[MACHINES[MACHINE].column]
    given = (ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    value = libc.syscall(ctypes.c_long(number), *given)
    return value if value != -1 else errno.errorcode[ctypes.get_errno()]


def by_name(name, *arguments):
    """A system call by the name that the filter's table has for it."""
    number = FATAL[name][MACHINES[MACHINE].column]
    if number is None:
        os.kill(os.getpid(), 31)  # this machine has no such call, which is as good as being killed for it
    return call(number, *arguments)


def made_before():
    """A page of machine code as a hostile library might have brought it along; None where there is none to make."""
    if CODE is None:
        return None
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(CODE)
    return page


PAGE = made_before()
DATA = mmap.mmap(-1, 4096)
MARK = 0
REPORT = {}


def old_call():
    """getpid by `int 0x80`, which reaches the kernel as another architecture."""
    if PAGE is None:
        os.kill(os.getpid(), 31)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(PAGE)))()


def attempt(code):
    """Exit status and answer of one worker."""
    ours, theirs = socket.socketpair()
    global MARK
    mark = MARK = os.memfd_create("mark")
    os.ftruncate(mark, mmap.PAGESIZE)
    child = os.fork()
    if child == 0:
        ours.close()

        def run(self):
            try:
                value = eval(code)
            except BaseException as problem:
                value = (
                    f"{type(problem).__name__} {errno.errorcode.get(getattr(problem, 'errno', 0), problem)}"
                )
            os.write(theirs.fileno(), b"ANSWER" + json.dumps(value, default=str).encode())

        def send(self, message):
            REPORT.update(message.jail)

        worker.Worker.run, worker.Worker.send = run, send
        sys.argv = ["worker", str(theirs.fileno()), str(mark), "{}"]
        try:
            worker.main()
        finally:
            os._exit(0)
    theirs.close()
    os.close(mark)
    data = b""
    with ours, contextlib.suppress(ConnectionError):
        while piece := ours.recv(1 << 16):
            data += piece
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _, found, answer = data.partition(b"ANSWER")
    return status, json.loads(answer) if found else None


def main():
    asked = json.load(sys.stdin)
    worker.warm()
    if asked["user"]:
        os.setgroups([])
        os.setresgid(*[asked["user"]] * 3)
        os.setresuid(*[asked["user"]] * 3)
        # as a program started by that user would be; the change of user has taken it away
        libc.prctl(4, 1, 0, 0, 0)
    if asked["without_filter"]:
        seccomp.install = lambda libc: "left out"
    json.dump({name: attempt(code) for name, code in asked["attempts"].items()}, sys.stdout)


main()
