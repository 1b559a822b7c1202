"""A deployment is the same however often it is interrupted, and only code of this release passes for ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.abi import CONTRACTS, load_artifact
from contracts.chain import ChainError, Fees, Receipt
from contracts.deploy import (
    ORDER,
    Deployment,
    Terms,
    created_address,
    deploy,
    load,
    missing,
    verify,
    write,
)
from contracts.deployment import is_ours
from contracts.keys import derive_key
from contracts.local import LocalChain

KEY = derive_key(b"for tests only".ljust(32), "deployer")
SUPPLY = 10**27
TREASURY = "0x" + "11" * 20


class Stop(BaseException):
    """The process ended here."""


class Unreliable(LocalChain):
    """A chain that can end the process around its `broadcast`, and asks for a better price when told to."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, clock=lambda: 1_800_000_000.0, balances={KEY.address: 10**18})
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.dear: list[Fees] = []
        self.sent: list[bytes] = []

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        self.before()
        self.sent.extend(raws)
        hashes = super().broadcast(raws)
        self.after()
        return hashes

    def reprice(self, offered: Fees) -> Fees | None:
        return self.dear.pop() if self.dear else None


@pytest.fixture
def chain() -> Unreliable:
    return Unreliable(None)


def roll_out(chain: Unreliable, **more: Any) -> Deployment:
    return deploy(chain, KEY, SUPPLY, TREASURY, pause=lambda seconds: None, **more)


def test_a_fresh_account_deploys_everything_at_addresses_that_follow_from_it(chain: Unreliable) -> None:
    found = roll_out(chain)
    assert tuple(found.contracts) == CONTRACTS
    assert missing(found) == ()
    assert {name: found.contracts[name].address for name in ORDER} == {
        name: created_address(KEY.address, nonce) for nonce, name in enumerate(ORDER)
    }
    assert (found.block, found.signed) == (1, {})
    verify(chain, found)
    assert found.contract("Tierra").call(chain, "mall") == found.contract("Mall").address
    assert roll_out(chain) == found
    assert chain.nonce(KEY.address) == len(ORDER)


def test_roles_and_the_fee_are_given_as_asked(chain: Unreliable) -> None:
    owner, operator, arbiter = (f"0x{digit * 40}" for digit in "234")
    found = roll_out(chain, terms=Terms(owner, operator, arbiter, fee_bps=100))
    for name in ("PrizeVault", "Market", "Escrow"):
        assert found.contract(name).call(chain, "owner") == owner
    assert found.vault.call(chain, "operator") == operator
    assert found.contract("Escrow").call(chain, "arbiter") == arbiter
    assert tuple(found.contract("Market").call(chain, "terms"))[:2] == (TREASURY, 100)
    assert found.live.call(chain, "balanceOf", TREASURY) == SUPPLY
    assert found.contract("Island").call(chain, "ownerOf", 1) == TREASURY


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("place", range(len(ORDER)))
def test_an_interrupted_deployment_goes_on_with_the_same_bytes(
    tmp_path: Path, moment: str, place: int
) -> None:
    file = tmp_path / "deployment.json"
    chain = Unreliable(None)
    left = [place]

    def interrupt() -> None:
        left[0] -= 1
        if left[0] < 0:
            setattr(chain, moment, lambda: None)
            raise Stop

    setattr(chain, moment, interrupt)
    with pytest.raises(Stop):
        roll_out(chain, file=file)
    signed = load(file).signed[ORDER[place]]
    assert roll_out(chain, file=file) == load(file) == roll_out(Unreliable(None))
    assert signed[0] in chain.sent
    assert chain.nonce(KEY.address) == len(ORDER)


def test_what_an_older_deployment_lacks_is_added(chain: Unreliable, tmp_path: Path) -> None:
    file = tmp_path / "deployment.json"
    found = roll_out(chain)
    older = replace(
        found,
        contracts={
            name: found.contracts[name] for name in ("LiveToken", "Tierra", "PrizeVault", "Distributor")
        },
    )
    write(older, file)
    whole = roll_out(chain, file=file)
    assert missing(whole) == ("Mall",), "the account has spent the nonce of the Mall that this Tierra names"
    assert whole == load(file)
    verify(chain, whole)
    assert {name: whole.contracts[name] for name in older.contracts} == older.contracts
    assert whole.contracts["Market"].address != found.contracts["Market"].address


def test_a_transaction_that_waits_is_sent_again_at_a_better_price(chain: Unreliable, tmp_path: Path) -> None:
    file = tmp_path / "deployment.json"
    chain.dear = [Fees(fee=7, tip=3)]
    chain.before = lambda: stored.append(load(file).signed)
    stored: list[Any] = []
    found = roll_out(chain, file=file)
    assert tuple(found.contracts) == CONTRACTS
    assert len(stored[0]["LiveToken"]) == 2, "both are stored before either is sent"
    assert stored[0]["LiveToken"][1] == chain.sent[0]


def test_bytes_are_kept_until_their_block_is_final(tmp_path: Path) -> None:
    class Young(Unreliable):
        final = False

        def receipt(self, tx_hash: str) -> Receipt | None:
            found = super().receipt(tx_hash)
            return found and replace(found, finalized=self.final)

    file = tmp_path / "deployment.json"
    chain = Young(None)
    found = roll_out(chain, file=file)
    assert tuple(found.signed) == ORDER
    # A reorganisation took everything: the stored bytes rebuild it at the same addresses.
    other = Young(None)
    other.final = True
    again = roll_out(other, file=file)
    assert (again.contracts, again.signed) == (found.contracts, {})


def test_an_account_that_has_sent_something_else_is_refused(chain: Unreliable) -> None:
    from contracts.chain import Intent

    chain.broadcast([chain.sign(Intent("other", KEY.address, TREASURY), 0, KEY).raw])
    with pytest.raises(ChainError) as caught:
        roll_out(chain)
    assert caught.value.code == "chain.nonce"


def test_a_refused_deployment_is_told_and_can_be_tried_again(chain: Unreliable, tmp_path: Path) -> None:
    file = tmp_path / "deployment.json"
    with pytest.raises(ChainError) as caught:
        deploy(chain, KEY, 2**96, TREASURY, file=file, pause=lambda seconds: None)
    assert caught.value.code == "chain.deploy_failed"
    assert load(file).signed == {}


def test_a_transaction_that_is_never_mined_is_told(chain: Unreliable, tmp_path: Path) -> None:
    chain.__dict__["broadcast"] = lambda raws: []
    waited: list[float] = []
    with pytest.raises(ChainError) as caught:
        deploy(chain, KEY, SUPPLY, TREASURY, file=tmp_path / "deployment.json", pause=waited.append)
    assert caught.value.code == "chain.not_mined"
    assert sum(waited) > 600


def test_only_the_code_that_was_deployed_passes(chain: Unreliable) -> None:
    found = roll_out(chain)
    with pytest.raises(ChainError) as caught:
        verify(chain, replace(found, chain_id=56))
    assert caught.value.code == "chain.wrong_chain"
    swapped = {**found.contracts, "Market": found.contracts["Escrow"]}
    with pytest.raises(ChainError) as caught:
        verify(chain, replace(found, contracts=swapped))
    assert caught.value.code == "chain.other_release"
    wrong = {**found.contracts, "Market": replace(found.contracts["Market"], code_hash="0x" + "00" * 32)}
    with pytest.raises(ChainError) as caught:
        verify(chain, replace(found, contracts=wrong))
    assert caught.value.code == "chain.wrong_code"


def test_code_is_ours_whatever_its_immutables_hold_and_in_no_other_byte() -> None:
    artifact = load_artifact("Market")
    start, length = artifact.immutables[0]
    code = bytearray(artifact.runtime)
    code[start : start + length] = b"\xee" * length
    assert is_ours("Market", bytes(code))
    code[start - 1] ^= 1
    assert not is_ours("Market", bytes(code))
    assert not is_ours("Market", artifact.runtime + b"\x00")
    assert not is_ours("Market", b"")


@pytest.mark.parametrize(
    "change",
    [
        lambda stored: stored.pop("block"),
        lambda stored: stored["contracts"].update(Mint=stored["contracts"]["LiveToken"]),
        lambda stored: stored["contracts"]["LiveToken"].update(address="0x12"),
        lambda stored: stored.update(signed={"LiveToken": ["zz"]}),
        lambda stored: stored.update(contracts=[]),
    ],
)
def test_a_malformed_file_is_refused(chain: Unreliable, tmp_path: Path, change: Callable[[Any], Any]) -> None:
    file = tmp_path / "deployment.json"
    write(roll_out(chain), file)
    stored = json.loads(file.read_text())
    change(stored)
    file.write_text(json.dumps(stored))
    with pytest.raises(ChainError) as caught:
        load(file)
    assert caught.value.code == "chain.bad_deployment"
