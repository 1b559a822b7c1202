"""Typed data hashes as every wallet hashes it, and signatures of keys and contract wallets are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak
from hypothesis import given
from hypothesis import strategies as st

from contracts import typed
from contracts.address import to_hex
from contracts.errors import ChainError
from contracts.keys import CURVE_ORDER, derive_key
from contracts.local import LocalChain
from tests.contracts.wallets import (
    BURNS,
    ECHO,
    GIANT,
    LIAR,
    REVERTS,
    REVERTS_BADLY,
    TRUE_ONE,
    YES,
    NoContracts,
    install,
)

ADA = derive_key(b"for tests only".ljust(32), "ada")
EVE = derive_key(b"for tests only".ljust(32), "eve")
DOMAIN = typed.Domain("LIVE", "1", 1337, ADA.address)
TYPES: typed.Types = {
    "Order": (
        ("maker", "address"), ("price", "uint96"), ("note", "string"), ("blob", "bytes"), ("id", "bytes32"),
        ("on", "bool"), ("items", "Item[]"), ("pair", "int64[2]"), ("best", "Item"),
    ),
    "Item": (("token", "address"), ("number", "uint256")),
}  # fmt: skip


@pytest.fixture
def chain() -> LocalChain:
    return LocalChain(None)


def order(**changes: Any) -> typed.Typed:
    item = {"token": EVE.address, "number": 7}
    message = {
        "maker": ADA.address, "price": 2**96 - 1, "note": "héllo\n", "blob": b"\x00\xff", "id": b"\x07" * 32,
        "on": True, "items": [item, {**item, "number": 2**256 - 1}], "pair": [-1, 5], "best": item,
    }  # fmt: skip
    return typed.Typed(DOMAIN, TYPES, "Order", {**message, **changes})


def their_digest(made: typed.Typed) -> bytes:
    signable = encode_typed_data(full_message=made.payload())
    return bytes(keccak(b"\x19" + signable.version + signable.header + signable.body))


def test_the_digest_is_that_of_other_software() -> None:
    assert order().digest == their_digest(order())
    assert order(items=[]).digest == their_digest(order(items=[]))


@given(
    price=st.integers(0, 2**96 - 1), note=st.text(st.characters(codec="utf-8")), blob=st.binary(max_size=70),
    pair=st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1)),
)  # fmt: skip
def test_every_value_hashes_as_elsewhere(price: int, note: str, blob: bytes, pair: tuple[int, int]) -> None:
    made = order(price=price, note=note, blob=blob, pair=list(pair))
    assert made.digest == their_digest(made)


def test_the_permit_of_live_is_the_one_that_the_contract_checks(world: Any) -> None:
    domain = typed.Domain("LIVE", "1", world.chain.chain_id, world.live.address)
    assert domain.separator == world.live.call(world.chain, "DOMAIN_SEPARATOR")


@pytest.mark.parametrize(
    ("field", "value"),
    [("price", 2**96), ("price", -1), ("price", "7"), ("note", b"x"), ("blob", "x"), ("id", b"\x07" * 31),
     ("on", 1), ("items", {}), ("pair", [1]), ("pair", [1, 2**63]), ("best", 5), ("best", {"token": EVE.address}),
     ("note", "\ud800")],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ChainError) as refused:
        _ = order(**{field: value}).digest
    assert refused.value.code == "typed.bad_value"


def test_fields_may_be_neither_missing_nor_more() -> None:
    for message in ({"maker": ADA.address}, {**order().message, "more": 1}):
        with pytest.raises(ChainError, match="exactly the fields"):
            _ = typed.Typed(DOMAIN, TYPES, "Order", message).digest


@pytest.mark.parametrize("kind", ["uint7", "bytes33", "bytes0", "int", "Nobody", "tuple", "function"])
def test_types_that_do_not_exist_are_refused(kind: str) -> None:
    made = typed.Typed(DOMAIN, {"One": (("a", kind),)}, "One", {"a": 1})
    with pytest.raises(ChainError) as refused:
        _ = made.digest
    assert refused.value.code == "typed.bad_type"


def test_a_struct_within_itself_ends_in_an_error_and_no_endless_work() -> None:
    types: typed.Types = {"A": (("b", "B[]"),), "B": (("a", "A"),)}
    with pytest.raises(ChainError, match="part of itself"):
        typed.type_string("A", types)


def test_a_key_signs_and_others_do_not(chain: LocalChain) -> None:
    digest = order().digest
    signature = typed.sign_digest(ADA, digest)
    assert signature == bytes(Account.unsafe_sign_hash(digest, ADA.reveal()).signature)
    assert typed.verify(ADA.address, digest, signature, chain)
    assert not typed.verify(EVE.address, digest, signature, chain)
    assert not typed.verify(ADA.address, order(price=1).digest, signature, chain)


@pytest.mark.parametrize(
    "change",
    [lambda s: b"", lambda s: s[:64], lambda s: s + b"\x00", lambda s: s[:64] + b"\x1d", lambda s: bytes(65),
     lambda s: b"\xff" * 65, lambda s: s * 100,
     lambda s: s[:32] + (CURVE_ORDER - int.from_bytes(s[32:64], "big")).to_bytes(32, "big") + bytes([55 - s[64]])],
)  # fmt: skip
def test_spoiled_and_mirrored_signatures_are_no_signatures(
    chain: LocalChain, change: Callable[[bytes], bytes]
) -> None:
    digest = order().digest
    assert not typed.verify(ADA.address, digest, change(typed.sign_digest(ADA, digest)), chain)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (YES, True), (LIAR, False), (REVERTS, False), (REVERTS_BADLY, False), (ECHO, False), (TRUE_ONE, False),
        (GIANT, False), (BURNS, False),
    ],
    ids=["yes", "other magic", "reverts", "reverts badly", "empty", "plain true", "giant", "burns gas"],
)  # fmt: skip
def test_a_contract_wallet_is_believed_in_the_exact_form_only(
    chain: LocalChain, code: str, answer: bool
) -> None:
    wallet = install(chain, code)
    assert typed.verify(wallet, order().digest, b"whatever", chain) is answer


def test_a_contract_wallet_gets_digest_and_signature_as_eip_1271_says(chain: LocalChain) -> None:
    calls: list[bytes] = []

    class Listening:
        def code(self, address: str, block: int | None = None) -> bytes:
            return b"\x01"

        def call(
            self,
            to: str,
            data: bytes,
            sender: str | None = None,
            block: int | None = None,
            gas: int | None = None,
        ) -> bytes:
            assert gas == typed.ERC1271_GAS
            calls.append(data)
            return typed.ERC1271_MAGIC.ljust(32, b"\x00")

    assert typed.verify(EVE.address, b"\x01" * 32, b"\x02\x03", Listening())
    words = [calls[0][4:][at : at + 32] for at in range(0, len(calls[0]) - 4, 32)]
    assert calls[0][:4] == keccak(b"isValidSignature(bytes32,bytes)")[:4]
    assert words == [
        b"\x01" * 32,
        (64).to_bytes(32, "big"),
        (2).to_bytes(32, "big"),
        b"\x02\x03".ljust(32, b"\0"),
    ]


def test_a_chain_that_fails_is_no_answer(chain: LocalChain) -> None:
    class Gone(NoContracts):
        def code(self, address: str, block: int | None = None) -> bytes:
            raise ChainError("chain.unreachable", "no node answers")

    with pytest.raises(ChainError, match="no node answers"):
        typed.verify(EVE.address, b"\x01" * 32, b"\x02", Gone())


def test_an_address_without_code_needs_its_key(chain: LocalChain) -> None:
    assert not typed.verify(EVE.address, b"\x01" * 32, b"\x02" * 200, chain)


def test_a_payload_can_be_sent_as_json() -> None:
    payload = order().payload()
    assert payload["message"]["price"] == str(2**96 - 1)
    assert payload["message"]["id"] == to_hex(b"\x07" * 32)
    assert payload["message"]["on"] is True
