"""Runs slither over the contracts in an environment of its own: `python -m contracts.slither [ARGUMENTS]`.

The environment lies in the user's cache folder and holds the versions that `slither.lock` pins. Slither compiles
with the compiler of the artifacts. What it finds and why it stands is in `docs/contracts.md`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from contracts.abi import CONTRACTS
from contracts.build import EVM_VERSION, closure
from contracts.errors import ChainError
from contracts.forge import environment
from contracts.npm import ROOT, install

LOCK = ROOT / "slither.lock"


def prepare() -> Path:
    """The folder of slither's environment, made when the lock file has none yet. Raises ChainError
    `slither.install`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mall-live"
    folder = cache / f"slither-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    if (folder / "ready").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    venv.create(folder, with_pip=True)
    done = subprocess.run(  # noqa: S603 - pip of the environment just made
        [str(folder / "bin" / "pip"), "install", "--quiet", "--no-deps", "--requirement", str(LOCK)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ChainError("slither.install", f"pip could not install {LOCK.name}: {done.stderr[-2000:]}")
    (folder / "ready").touch()
    return folder


def request() -> dict[str, Any]:
    """The compiler's input for all contracts at once, with their syntax trees."""
    units: dict[str, str] = {}
    for name in CONTRACTS:
        units.update(closure(f"src/{name}.sol"))
    return {
        "language": "Solidity",
        "sources": {unit: {"content": text} for unit, text in sorted(units.items())},
        "settings": {
            "optimizer": {"enabled": True, "runs": 200},
            "viaIR": True,
            "evmVersion": EVM_VERSION,
            "outputSelection": {
                "*": {
                    "": ["ast"],
                    "*": [
                        "abi", "devdoc", "userdoc", "metadata", "evm.bytecode.object", "evm.bytecode.sourceMap",
                        "evm.deployedBytecode.object", "evm.deployedBytecode.sourceMap", "evm.methodIdentifiers",
                    ],
                }
            },
        },
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Prints slither's findings and returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        install()
        slither = prepare() / "bin" / "slither"
    except ChainError as error:
        print(error, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        asked = request()
        for unit, source in asked["sources"].items():
            place = Path(folder) / unit
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(source["content"], encoding="utf-8")
        file = Path(folder) / "input.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        command = [
            str(slither), str(file), "--compile-force-framework", "Solc-json", "--solc", str(ROOT / "solc.js"),
            "--filter-paths", "@openzeppelin", *given,
        ]  # fmt: skip
        return subprocess.run(command, cwd=folder, env=environment(), check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
