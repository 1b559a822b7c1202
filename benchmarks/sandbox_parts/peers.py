"""The peers `lua5.4` and `luajit`: from PATH, else Debian's own packages unpacked in the user cache.

The system's mirror, release and keyring are used as for the engine (`host.godot`); nothing of the system is touched.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.sandbox_parts.games import TICK_GAME
from benchmarks.sandbox_parts.measure import NotMeasuredError, cores, pin
from host.errors import MallError
from host.godot import apt, sources
from host.godot.engine import cache_root
from host.godot.install import TRIPLETS

WANTED = ("lua5.4", "luajit")
UNPACKED = ("lua5.4_", "luajit_", "libluajit-", "libreadline8", "libtinfo6")
"""The package files that are needed; the C library is the system's, as the packages are of its own release."""


@dataclass(frozen=True, slots=True)
class Lua:
    """An interpreter: its program and where its libraries lie, if not in the system."""

    program: str
    libraries: str = ""


class Peer:
    """One interpreter that runs `tick.lua`, kept for all rounds, on the workers' core."""

    def __init__(self, lua: Lua, mode: str) -> None:
        script = TICK_GAME.parent / "tick.lua"
        env = {**os.environ, "LD_LIBRARY_PATH": lua.libraries} if lua.libraries else None
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter that was found, our own script
            [lua.program, str(script), mode, str(TICK_GAME)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        pin(self._process.pid, cores()[1])

    def tick_us(self, count: int) -> float:
        """Microseconds of CPU a tick, over `count` ticks."""
        stdin, stdout = self._pipes()
        stdin.write(f"{count}\n")
        stdin.flush()
        answer = stdout.readline().split()
        if len(answer) != 2:
            raise NotMeasuredError(f"the peer {self._process.args!r} ended early")
        return float(answer[0]) / count * 1e6

    def close(self) -> None:
        for pipe in self._pipes():
            pipe.close()
        self._process.wait()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


def find() -> dict[str, Lua]:
    """The interpreters by name. Raises MallError `engine.*` when they can neither be found nor fetched."""
    found = {name: Lua(where) for name in WANTED if (where := shutil.which(name))}
    if len(found) < len(WANTED):
        tree = cache_root() / "peers" / "tree"
        if not tree.is_dir():
            _fetch(tree)
        triplet = TRIPLETS[platform.machine()][1]
        libraries = f"{tree}/usr/lib/{triplet}:{tree}/lib/{triplet}"
        for name in WANTED:
            found.setdefault(name, Lua(str(tree / "usr/bin" / name), libraries))
    return found


def _fetch(tree: Path) -> None:
    machine = platform.machine()
    release = platform.freedesktop_os_release()
    codename = release.get("DEBIAN_CODENAME") or release.get("VERSION_CODENAME", "")
    keyring = apt.find_keyring(Path("/usr/share/keyrings"))
    uris = sources.mirrors(sources.read_sources(Path("/etc/apt")), codename)
    if keyring is None or not uris or machine not in TRIPLETS:
        raise MallError("engine.unsupported_system", "this is no Debian whose packages could be unpacked")
    folder = tree.parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if tree.is_dir():
            return  # another process was quicker
        private = apt.PrivateApt(folder / "apt", TRIPLETS[machine][0], lock.fileno())
        try:
            private.update(uris[0], (codename,), keyring, lambda _done: None)
        except apt.UntrustedSuiteError as problem:
            raise MallError(
                "engine.download_failed", f"the mirror's lists are not signed: {problem}"
            ) from problem
        archives = private.download(WANTED, lambda _done: None)
        new = folder / "new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        for deb in sorted(archives.glob("*.deb")):
            if deb.name.startswith(UNPACKED):
                private.unpack(deb, new)
        new.rename(tree)
        shutil.rmtree(folder / "apt")
