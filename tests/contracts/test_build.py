"""The committed artifacts are what the sources compile to, and the gas they cost is held."""

from __future__ import annotations

import json

import pytest

from contracts import build, gas
from contracts.abi import CONTRACTS
from contracts.npm import LOCK


@pytest.mark.parametrize("name", CONTRACTS)
def test_an_artifact_was_built_from_the_committed_sources_and_settings(name: str) -> None:
    artifact = json.loads((build.ARTIFACTS / f"{name}.json").read_text())
    assert {unit: build.source_hash(build.locate(unit)) for unit in artifact["sources"]} == artifact[
        "sources"
    ]
    assert artifact["compiler"].startswith(build.COMPILER)
    assert artifact["settings"]["evmVersion"] == build.EVM_VERSION
    assert artifact["settings"]["optimizer"] == {
        "enabled": True,
        "runs": build.OPTIMIZER_RUNS.get(name, build.USUAL_RUNS),
    }


def test_every_source_is_in_an_artifact_and_the_compiler_is_pinned() -> None:
    artifacts = [json.loads(path.read_text()) for path in build.ARTIFACTS.glob("*.json")]
    built = {unit for artifact in artifacts for unit in artifact["sources"]}
    assert built == {f"src/{path.name}" for path in build.SOURCES.glob("*.sol")}
    lock = json.loads(LOCK.read_text())["packages"]
    assert build.COMPILER.startswith(lock["node_modules/solc"]["version"] + "+")
    assert all("integrity" in entry and "resolved" not in entry for name, entry in lock.items() if name)


@pytest.mark.slow
def test_compiling_again_gives_the_same_bytes() -> None:
    assert build.main(["--check"]) == 0


def test_gas_stays_within_its_bars_and_two_percent_of_the_table() -> None:
    measured, committed = gas.measure(), gas.committed()
    assert measured.keys() == committed.keys()
    grown = {use: used for use, used in measured.items() if used > committed[use] * 1.02}
    assert grown == {}, "run python -m contracts.gas when the growth is wanted"
    assert gas.over_bars(measured) <= gas.over_bars(committed)
