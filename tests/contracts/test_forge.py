"""The contracts hold their invariants against models written apart from them, under forge."""

from __future__ import annotations

import json

import pytest

from contracts import build, forge


@pytest.mark.slow
@pytest.mark.timeout(900)  # compiling everything anew takes a core some minutes
def test_every_contract_test_and_invariant_holds() -> None:
    done = forge.run_tests(["--json"])
    assert done.returncode == 0, done.stdout[-6000:]
    suites = json.loads(done.stdout[done.stdout.index("{") :])
    outcomes = [test["status"] for suite in suites.values() for test in suite["test_results"].values()]
    assert len(suites) == len(list((forge.ROOT / "test").rglob("*.t.sol")))
    assert set(outcomes) == {"Success"}


def test_forge_compiles_with_the_compiler_of_the_artifacts_and_off_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOUNDRY_ETH_RPC_URL", "http://127.0.0.1:1")
    environment = forge.environment()
    assert environment["FOUNDRY_OFFLINE"] == "true"
    assert "FOUNDRY_ETH_RPC_URL" not in environment
    settings = (forge.ROOT / "foundry.toml").read_text()
    assert 'solc = "./solc.js"' in settings
    assert f'evm_version = "{build.EVM_VERSION}"' in settings
