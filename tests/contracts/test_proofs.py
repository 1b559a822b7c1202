"""Files of proofs: what is written is read, what was changed is found, and only the chain says what is due."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import proofs
from contracts.address import address_from_bytes
from contracts.bindings import Contract
from contracts.errors import ChainError
from contracts.merkle import CumulativeTree
from tests.contracts.conftest import World

AT = address_from_bytes(b"\x99" * 20)
TOTALS = st.dictionaries(
    st.binary(min_size=20, max_size=20).map(address_from_bytes),
    st.integers(1, 2**96 - 1),
    min_size=1,
    max_size=40,
)


def made(totals: dict[str, int], epoch: int = 3) -> proofs.ProofFile:
    return proofs.made_of(56, AT, epoch, CumulativeTree(totals), totals)


def code(work) -> str:
    with pytest.raises(ChainError) as caught:
        work()
    return caught.value.code


@settings(max_examples=40, deadline=None)
@given(totals=TOTALS)
def test_what_is_written_is_read_and_each_entry_is_proven(totals) -> None:
    file = proofs.parse(proofs.dump(made(totals)).encode())
    assert file == made(totals)
    for address, total in totals.items():
        assert file.entry(address.lower()).total == total


@settings(max_examples=40, deadline=None)
@given(totals=TOTALS, data=st.data())
def test_any_change_of_an_entry_is_found(totals, data) -> None:
    written = json.loads(proofs.dump(made(totals)))
    address = data.draw(st.sampled_from(sorted(totals)))
    entry = written["entries"][address]
    what = data.draw(st.sampled_from(["total", "proof", "who"]))
    if what == "total":
        entry["total_wei"] = str(int(entry["total_wei"]) % (2**96 - 1) + 1)
    elif what == "proof":
        entry["proof"] += "00" * 24
    else:
        written["entries"] = {address_from_bytes(b"\x07" * 20): entry}
        address = address_from_bytes(b"\x07" * 20)
    file = proofs.parse(json.dumps(written).encode())
    if file != made(totals):
        assert code(lambda: file.entry(address)) == "proofs.wrong_proof"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"}, {"chain_id": "56"}, {"chain_id": -1}, {"chain_id": True}, {"distributor": "0x1"},
        {"root": "0x00"}, {"entries": []}, {"entries": {AT: {}}}, {"entries": {"nobody": {}}}, {"epoch": 1.5},
        {"entries": {AT: {"total_wei": 5, "proof": "0x"}}}, {"entries": {AT: {"total_wei": "-5", "proof": "0x"}}},
        {"entries": {AT: {"total_wei": "0", "proof": "0x"}}}, {"entries": {AT: {"total_wei": "1" * 40, "proof": "0x"}}},
        {"entries": {AT: {"total_wei": "5", "proof": []}}}, {"entries": {AT: {"total_wei": "5", "proof": "0xzz"}}},
        {"entries": {AT: {"total_wei": "5", "proof": "0x" + "00" * 24 * 65}}},
    ],
)  # fmt: skip
def test_what_is_no_file_of_proofs_is_refused(change) -> None:
    written = {**json.loads(proofs.dump(made({AT: 5}))), **change}
    assert code(lambda: proofs.parse(json.dumps(written).encode())) == "proofs.malformed"


def test_only_the_chain_says_what_is_due(world: World) -> None:
    totals = {AT: 5}
    chain, at, tree = world.chain.chain_id, world.deployed.distributor.address, CumulativeTree(totals)
    other = proofs.made_of(chain + 1, at, 1, tree, totals)
    assert code(lambda: proofs.due(world.chain, other, other.entry(AT))) == "proofs.other_chain"
    nowhere = proofs.made_of(chain, AT, 1, tree, totals)
    assert code(lambda: proofs.due(world.chain, nowhere, nowhere.entry(AT))) == "proofs.no_contract"
    old = proofs.made_of(chain, at, 1, tree, totals)
    assert code(lambda: proofs.due(world.chain, old, old.entry(AT))) == "proofs.old_root"
    assert Contract("Distributor", old.distributor).call(world.chain, "claimed", AT) == 0
