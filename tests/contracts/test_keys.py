"""Keys: derived alike everywhere, never shown, and signatures that other software accepts."""

from __future__ import annotations

import pickle

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from contracts.address import checked_address
from contracts.chain import Intent
from contracts.errors import ChainError
from contracts.keys import CURVE_ORDER, PrivateKey, address_of, derive_key, recover_message, sign_message
from contracts.signing import sign_intent

MASTER = b"a master secret for tests only!!"
KEY = derive_key(MASTER, "guest:1")


def test_a_derived_key_is_stable_and_differs_by_label_and_master() -> None:
    assert derive_key(MASTER, "guest:1").reveal() == KEY.reveal()
    # Stored wallets depend on this value: it must never change.
    assert KEY.address == "0x6E827fB0829Bf2981BF2d78a240585250485C12e"
    others = {derive_key(MASTER, "guest:2").address, derive_key(MASTER[::-1], "guest:1").address, KEY.address}
    assert len(others) == 3
    with pytest.raises(ChainError, match="weak_master"):
        derive_key(b"short", "guest:1")


def test_addresses_are_those_of_other_wallets() -> None:
    assert address_of(KEY) == Account.from_key(KEY.reveal()).address


@given(secret=st.binary(min_size=32, max_size=32))
def test_a_key_never_shows_its_secret(secret: bytes) -> None:
    if not 0 < int.from_bytes(secret, "big") < CURVE_ORDER:
        return
    key = PrivateKey(secret)
    shown = f"{key} {key!r} {[key]} {vars(type(key)).get('__dict__')}"
    assert secret.hex() not in shown
    assert repr(secret) not in shown
    with pytest.raises(ChainError, match=r"keys\.secret"):
        pickle.dumps(key)


@pytest.mark.parametrize(
    "secret", [b"", b"\x01" * 31, bytes(32), CURVE_ORDER.to_bytes(32, "big"), b"\xff" * 32]
)
def test_what_is_no_key_is_refused_without_naming_it(secret: bytes) -> None:
    with pytest.raises(ChainError) as caught:
        PrivateKey(secret)
    assert caught.value.code == "keys.invalid"
    assert caught.value.facts == {}


@given(message=st.binary(max_size=200))
def test_messages_are_signed_as_wallets_do(message: bytes) -> None:
    signature = sign_message(KEY, message)
    assert signature == bytes(Account.sign_message(encode_defunct(message), KEY.reveal()).signature)
    assert recover_message(message, signature) == KEY.address
    assert recover_message(message + b"x", signature) != KEY.address


def test_malformed_and_mirrored_signatures_are_refused() -> None:
    good = sign_message(KEY, b"hello")
    s = int.from_bytes(good[32:64], "big")
    mirrored = good[:32] + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([27 + (28 - good[64])])
    for bad in (
        b"",
        good[:64],
        good + b"\x00",
        good[:64] + b"\x1d",
        bytes(65),
        b"\xff" * 64 + b"\x1b",
        mirrored,
    ):
        with pytest.raises(ChainError) as caught:
            recover_message(b"hello", bad)
        assert caught.value.code == "keys.bad_signature"


@given(
    value=st.integers(0, 2**128),
    data=st.binary(max_size=80),
    nonce=st.integers(0, 2**40),
    gas=st.integers(21_000, 2**24),
    to=st.one_of(st.none(), st.binary(min_size=20, max_size=20)),
)
def test_transactions_are_signed_as_wallets_do(
    value: int, data: bytes, nonce: int, gas: int, to: bytes | None
) -> None:
    target = checked_address("0x" + to.hex()) if to is not None else None
    intent = Intent("x", KEY.address, target, data, value)
    ours = sign_intent(intent, nonce, KEY, chain_id=56, gas=gas, fee=7, tip=3)
    fields = {
        "chainId": 56,
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": 7,
        "maxPriorityFeePerGas": 3,
        "value": value,
        "data": data,
    }
    theirs = Account.sign_transaction({**fields, "to": target} if target else fields, KEY.reveal())
    assert (ours.raw, ours.tx_hash) == (bytes(theirs.raw_transaction), "0x" + theirs.hash.hex())


@pytest.mark.parametrize(
    "bad", ["", "0x12", "12" * 20, "0x" + "g" * 40, "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046"]
)
def test_a_bad_address_is_refused(bad: str) -> None:
    with pytest.raises(ChainError, match=r"chain\.bad_address"):
        checked_address(bad)
