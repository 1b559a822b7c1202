"""What the embedded chain refuses before it runs a transaction, what it hashes, and where py-evm alone would err."""

from __future__ import annotations

from typing import Any

import pytest
import rlp
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from contracts.address import address_bytes, keccak256, to_hex
from contracts.chain import TX_GAS_CAP, ChainError, Intent
from contracts.keys import CURVE_ORDER, derive_key
from contracts.local import LocalChain
from contracts.local.decode import MAX_INITCODE, decode_transaction
from contracts.local.encoding import encode
from contracts.local.header import EMPTY_ROOT, ordered_root
from contracts.transaction import UnsignedTx

KEY = derive_key(b"for tests only".ljust(32), "operator")
ANN = derive_key(b"for tests only".ljust(32), "ann").address

ITEMS = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=6), max_leaves=40)


@given(ITEMS)
def test_rlp_is_written_as_the_library_does(item: Any) -> None:
    assert encode(item) == rlp.encode(item)


@given(st.integers(0, 2**300))
def test_whole_numbers_are_written_shortest(number: int) -> None:
    assert encode(number) == rlp.encode(number)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=300))
def test_a_root_is_that_of_the_trie_library(values: list[bytes]) -> None:
    trie = HexaryTrie({})
    for place, value in enumerate(values):
        trie[rlp.encode(place)] = value
    assert ordered_root(values) == trie.root_hash


def test_the_root_of_nothing_is_the_empty_one() -> None:
    assert (
        ordered_root([])
        == EMPTY_ROOT
        == bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
    )


def signed(**changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "chainId": 1337, "nonce": 0, "gas": 100_000, "to": ANN, "value": 0, "data": b"",
        "maxFeePerGas": 5, "maxPriorityFeePerGas": 5,
    }  # fmt: skip
    fields = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    return bytes(Account.sign_transaction(fields, KEY.reveal()).raw_transaction)


LEGACY = {"maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 5}


def high_s() -> bytes:
    unsigned = UnsignedTx(1337, 0, 0, 0, 100_000, ANN, 0, b"")
    parity, r, s = KEY.sign_digest(unsigned.digest())
    return unsigned.signed(1 - parity, r, CURVE_ORDER - s)


def of_type(kind: int, fields: list[Any]) -> bytes:
    return bytes([kind]) + rlp.encode(fields)


TWELVE = [1337, 0, 0, 0, 100_000, address_bytes(ANN), 0, b"", [], 0, 1, 1]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (high_s(), "EIP-2"),
        (signed(maxPriorityFeePerGas=6), "tip is larger"),
        (signed(gas=20_999), "bytes alone cost 21000"),
        (signed(gas=21_015, data=b"\x01"), "cost 21040"),
        (signed(gas=53_001, to=None, data=b"\x00"), "cost 53006"),
        (signed(gas=21_000, accessList=[{"address": ANN, "storageKeys": []}]), "cost 23400"),
        (signed(gas=TX_GAS_CAP, to=None, data=bytes(MAX_INITCODE + 1)), "EIP-3860"),
        (signed(nonce=2**64 - 1), "EIP-2681"),
        (signed(chainId=None, **LEGACY), "signed for chain None"),
        (signed(chainId=5, **LEGACY), "signed for chain 5"),
        (of_type(3, TWELVE), "type 3 is not served"),
        (of_type(0, TWELVE), "type 0 is not served"),
        (of_type(2, TWELVE[:-1]), "12 fields"),
        (of_type(2, [*TWELVE[:5], b"\x01" * 19, *TWELVE[6:]]), "another length"),
        (of_type(2, [b"\x00\x01", *TWELVE[1:]]), "shortest way"),
        (of_type(2, [*TWELVE[:8], [[b"\x01" * 20]], *TWELVE[9:]]), "another length"),
        (of_type(2, [*TWELVE[:8], [[b"\x01" * 20, [b"\x01"]]], *TWELVE[9:]]), "another length"),
        (of_type(2, [*TWELVE[:9], 2, 1, 1]), "EIP-2"),
        (of_type(2, [*TWELVE[:9], 0, 0, 1]), "EIP-2"),
        (of_type(2, [*TWELVE[:9], 0, CURVE_ORDER, 1]), "EIP-2"),
        (of_type(2, [*TWELVE[:9], 0, 5, 1]), "nobody has signed"),
        (of_type(4, [*TWELVE[:9], [], 0, 1, 1]), ""),
        (signed()[:-1], ""),
        (signed() + b"\x00", ""),
        (b"\xc0", "9 fields"),
        (b"\xf8" * 3000, ""),
        (b"\xc1" * 3000, ""),
    ],
)
def test_what_a_node_would_not_take_is_refused_and_says_why(raw: bytes, why: str) -> None:
    with LocalChain(None, balances={KEY.address: 10**18}) as chain:
        with pytest.raises(ChainError) as caught:
            chain.broadcast([raw])
        assert caught.value.code in ("chain.bad_transaction", "chain.wrong_chain")
        assert why in caught.value.message
        assert chain.head().number == 0


def test_who_cannot_pay_is_refused_and_who_can_pays_exactly() -> None:
    with LocalChain(None, balances={KEY.address: 500_007}) as chain:
        with pytest.raises(ChainError, match="has 500007 wei of the native coin and needs 500008"):
            chain.broadcast([signed(value=8)])
        receipt = chain.receipt(chain.broadcast([signed(value=7)])[0])
        assert receipt is not None
        assert receipt.gas_used == 21_000
        assert chain.balance(ANN) == 7
        assert chain.balance(KEY.address) == 500_000 - 5 * 21_000
    with LocalChain(None) as chain, pytest.raises(ChainError, match="native coin"):
        chain.broadcast([signed()])


def test_who_has_delegated_to_other_code_goes_on_sending() -> None:
    with LocalChain(None) as chain:
        wish = Account.sign_authorization({"chainId": 0, "address": ANN, "nonce": 1}, KEY.reveal())
        raw = signed(type=4, authorizationList=[wish], maxFeePerGas=0, maxPriorityFeePerGas=0)
        chain.broadcast([raw])
        # EIP-3607 stops contracts from sending, which this is not (EIP-7702).
        assert chain.code(KEY.address) == b"\xef\x01\x00" + address_bytes(ANN)
        assert chain.nonce(KEY.address) == 2
        chain.broadcast([signed(nonce=2, maxFeePerGas=0, maxPriorityFeePerGas=0)])
        assert chain.nonce(KEY.address) == 3


def test_code_that_is_too_long_ends_the_creation_though_the_money_is_short_as_well() -> None:
    # PUSH3 size PUSH0 PUSH16 2^128-1 CREATE: EIP-3860 comes before the look at the balance.
    for size, success in ((MAX_INITCODE, True), (MAX_INITCODE + 1, False)):
        code = b"\x62" + size.to_bytes(3, "big") + b"\x5f\x6f" + b"\xff" * 16 + b"\xf0"
        with LocalChain(None) as chain:
            outcome = chain.simulate(None, code, gas=10**6)
            assert (outcome.success, outcome.gas_used == 10**6) == (success, not success)


def test_a_deep_stack_and_a_missing_word_end_a_program() -> None:
    with LocalChain(None) as chain:
        assert chain.simulate(None, b"\x5f" * 1024, gas=10**6).success
        full = b"\x5f" * 1024
        missing = (
            b"\x01",
            b"\x80",
            b"\x90",
            b"\x50",
            b"\x5f\x56",
            b"\x5f\x57",
            b"\x51",
            b"\x5f\x52",
            b"\x35",
        )
        # The last one jumps into the bytes of a PUSH.
        for code in (full + b"\x5f", full + b"\x36", full + b"\x80", *missing, b"\x60\x04\x56\x60\x5b"):
            outcome = chain.simulate(None, code, gas=10**6)
            assert (outcome.success, outcome.gas_used) == (False, 10**6), code.hex()


def test_block_hashes_are_seen_by_programs() -> None:
    # BLOCKHASH of the parent and of the one before it, MSTORE both behind a word of zeros, RETURN 96 bytes:
    # code of a contract may not begin with 0xEF (EIP-3541), which one hash of 256 does.
    code = b"\x60\x01\x43\x03\x40\x60\x20\x52" + b"\x60\x02\x43\x03\x40\x60\x40\x52" + b"\x60\x60\x5f\xf3"
    with LocalChain(None) as chain:
        for _ in range(3):
            chain.mine()
        hashes = [chain.block(number) for number in (3, 2)]
        answer = chain.simulate(None, code).output
        assert [to_hex(answer[32:64]), to_hex(answer[64:])] == [row.hash for row in hashes if row]


def test_a_key_that_recovers_to_the_sender_is_all_that_counts() -> None:
    raw = KEY.sign_transaction(UnsignedTx(1337, 0, 0, 0, 21_000, ANN, 0, b""))
    transaction = decode_transaction(raw, 1337)
    assert transaction.sender == address_bytes(KEY.address)
    with LocalChain(None) as chain:
        assert chain.broadcast([raw]) == [to_hex(keccak256(raw))]
        assert chain.nonce(KEY.address) == 1
        assert chain.sign(Intent("again", KEY.address, ANN, gas=21_000), 0, KEY).raw == raw
