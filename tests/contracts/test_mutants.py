"""Every listed mutant still fits its source, and one is hunted for real; `make mutants` hunts all."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import ChainError
from contracts.mutants import Mutant, hunt, read
from contracts.npm import ROOT


@pytest.mark.parametrize("mutant", read(), ids=lambda mutant: mutant.rule)
def test_a_mutant_fits_its_source_and_names_a_test(mutant: Mutant) -> None:
    source = (ROOT / mutant.file).read_text()
    assert mutant.apply(source) != source
    assert (ROOT / mutant.test).is_file()


def test_rules_are_told_apart() -> None:
    rules = [mutant.rule for mutant in read()]
    assert len(rules) == len(set(rules)) > 39


ROOT_MUTANT = Mutant(
    rule="only the vault publishes a root",
    file="src/Distributor.sol",
    old="if (msg.sender != vault) revert CallerNotVault(msg.sender);",
    new="",
    test="test/money/Proofs.t.sol",
)
HARMLESS = Mutant(
    rule="a comment says what it says",
    file="src/Distributor.sol",
    old="shortens the array to the entries in use",
    new="shortens the array",
    test="test/money/Proofs.t.sol",
)


@pytest.mark.slow
def test_a_broken_rule_is_noticed_and_a_harmless_change_is_not(tmp_path: Path) -> None:
    broken, harmless = hunt([ROOT_MUTANT, HARMLESS], tmp_path)
    assert "testFuzz_onlyTheVaultPublishes" in broken.by
    assert harmless.by == ()


def test_lists_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    for text in ("mutant = 3", "[[mutant]]\nrule = 'x'", "[[mutant", "other = 1"):
        (tmp_path / "a.toml").write_text(text)
        with pytest.raises(ChainError) as caught:
            read(tmp_path)
        assert caught.value.code == "mutants.bad_list"
    for old, new in (("absent", "x"), ("live", "x"), ("contract Distributor", "contract Distributor")):
        with pytest.raises(ChainError) as caught:
            Mutant("r", "src/Distributor.sol", old, new, "t").apply(
                (ROOT / "src/Distributor.sol").read_text()
            )
        assert caught.value.code == "mutants.stale"
