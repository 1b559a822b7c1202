"""What a node says is read strictly: anything but the one good form is refused, and refused without another error."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.address import keccak256, to_hex
from contracts.rpc import decode
from contracts.rpc.faults import Malformed
from contracts.strange_json import MAX_DEPTH, shallow

TX, OTHER = "0x" + "11" * 32, "0x" + "22" * 32
ADDRESS = "0x" + "33" * 20


def block(**changes: Any) -> dict[str, Any]:
    """A block of BNB Smart Chain's form with the hash of its fields, then changed."""
    fields: dict[str, Any] = {
        "parentHash": OTHER, "sha3Uncles": OTHER, "miner": ADDRESS, "stateRoot": OTHER, "transactionsRoot": OTHER,
        "receiptsRoot": OTHER, "logsBloom": "0x" + "00" * 256, "difficulty": "0x2", "number": "0x7", "gasLimit": "0xff",
        "gasUsed": "0x0", "timestamp": "0x696b3d12", "extraData": "0x" + "ab" * 300, "mixHash": OTHER,
        "nonce": "0x" + "00" * 8, "baseFeePerGas": "0x0", "withdrawalsRoot": OTHER, "blobGasUsed": "0x0",
        "excessBlobGas": "0x0", "parentBeaconBlockRoot": OTHER, "requestsHash": OTHER,
    }  # fmt: skip
    numbers = {
        "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"
    }  # fmt: skip
    fields.update({key: value for key, value in changes.items() if key in fields})
    hashed = [
        int(value, 16) if name in numbers else bytes.fromhex(value[2:])
        for name, value in fields.items()
        if value is not None
    ]
    return {**fields, "hash": to_hex(keccak256(rlp.encode(hashed))), "transactions": [TX], **changes}


def log(**changes: Any) -> dict[str, Any]:
    return {
        "address": ADDRESS, "topics": [OTHER], "data": "0x05", "blockNumber": "0x7", "blockHash": OTHER,
        "transactionHash": TX, "logIndex": "0x0", "removed": False, **changes,
    }  # fmt: skip


def receipt(**changes: Any) -> dict[str, Any]:
    return {
        "transactionHash": TX, "blockNumber": "0x7", "blockHash": OTHER, "transactionIndex": "0x0", "status": "0x1",
        "gasUsed": "0x5", "cumulativeGasUsed": "0x5", "contractAddress": None, "logs": [log(), log(logIndex="0x1")],
        **changes,
    }  # fmt: skip


def test_good_answers_are_read() -> None:
    header = decode.header(block(), 7)
    assert (header.block.number, header.block.timestamp, header.base_fee) == (7, 0x696B3D12, 0)
    assert header.transactions == (TX,)
    read = decode.receipt(receipt(), TX)
    assert (read.block, read.status, read.gas_used, len(read.logs)) == (7, 1, 5, 2)
    assert len(decode.logs([log(), log()], 7, 7, {decode.address(ADDRESS, "")})) == 1


@pytest.mark.parametrize("gone", [0, 1, 2, 5, 6])
def test_blocks_of_older_forks_are_read_and_a_hole_in_the_fields_is_not(gone: int) -> None:
    later = [
        "baseFeePerGas",
        "withdrawalsRoot",
        "blobGasUsed",
        "excessBlobGas",
        "parentBeaconBlockRoot",
        "requestsHash",
    ]
    decode.header(block(**dict.fromkeys(later[gone:])), 7)
    if gone < 5:
        with pytest.raises(Malformed):
            decode.header(block(**{later[gone]: None}), 7)


NO_DATA: list[Any] = [
    None,
    True,
    1,
    1.5,
    [],
    {},
    "",
    "0x",
    "0xg0",
    "11",
    "0x1",
    "0X11",
    " 0x11",
    "0x11\n",
    "0x" + "1" * 70,
]
NO_NUMBER: list[Any] = [
    None,
    True,
    1,
    "",
    "0x",
    "0x01",
    "0xg",
    "1",
    "-0x1",
    "0x-1",
    "0x1 ",
    "0x1" + "0" * 64,
    "0x٣",
]


@pytest.mark.parametrize("wrong", NO_NUMBER, ids=repr)
def test_a_number_has_one_form(wrong: Any) -> None:
    with pytest.raises(Malformed):
        decode.quantity(wrong, "x")
    for field in ("blockNumber", "transactionIndex", "status", "gasUsed", "cumulativeGasUsed"):
        with pytest.raises(Malformed):
            decode.receipt(receipt(**{field: wrong}), TX)
    for field in ("blockNumber", "logIndex"):
        with pytest.raises(Malformed):
            decode.log(log(**{field: wrong}))


@pytest.mark.parametrize("wrong", NO_DATA, ids=repr)
def test_a_hash_and_an_address_have_one_length(wrong: Any) -> None:
    for field in ("transactionHash", "blockHash"):
        with pytest.raises(Malformed):
            decode.log(log(**{field: wrong}))
    for changes in ({"address": wrong}, {"topics": [wrong]}):
        with pytest.raises(Malformed):
            decode.log(log(**changes))
    for field in ("hash", "parentHash", "logsBloom", "miner"):
        with pytest.raises(Malformed):
            decode.header({**block(), field: wrong}, 7)


@pytest.mark.parametrize(
    "changes",
    [
        {"logs": [log(logIndex="0x1"), log()]}, {"logs": [log(), log()]}, {"logs": [log(blockHash=TX)]},
        {"logs": [log(transactionHash=OTHER)]}, {"logs": [log(blockNumber="0x8")]}, {"status": "0x0"},
        {"gasUsed": "0x6"}, {"transactionHash": OTHER}, {"contractAddress": TX}, {"logs": {}},
    ],
)  # fmt: skip
def test_a_receipt_agrees_with_itself(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        decode.receipt(receipt(**changes), TX)


@pytest.mark.parametrize(
    "logs",
    [
        [log(blockNumber="0x6")], [log(blockNumber="0x9")], [log(address="0x" + "44" * 20)],
        [log(), log(data="0x06")], [log(), log(logIndex="0x1", blockHash=TX)], [log(removed=True)], "0x", None,
        [log()] * (decode.MAX_LOGS + 1),
    ],
    ids=range(9),
)  # fmt: skip
def test_logs_are_of_what_was_asked_and_each_has_its_place(logs: Any) -> None:
    with pytest.raises(Malformed):
        decode.logs(logs, 7, 8, {decode.address(ADDRESS, "")})


def test_a_number_that_no_database_keeps_is_refused() -> None:
    for changes in ({"number": hex(2**63)}, {"timestamp": hex(2**63)}):
        with pytest.raises(Malformed, match="too large"):
            decode.header(block(**changes), None)
    with pytest.raises(Malformed):
        decode.receipt(receipt(blockNumber=hex(2**63)), TX)


def test_a_bloom_holds_what_was_put_in_and_not_the_rest() -> None:
    one = decode.log(log())
    bits = 0
    for item in (bytes.fromhex(ADDRESS[2:]), bytes.fromhex(OTHER[2:])):
        for place in (0, 2, 4):
            bits |= 1 << (int.from_bytes(keccak256(item)[place : place + 2], "big") & 2047)
    assert decode.blooms([one], bits.to_bytes(256, "big"))
    assert not decode.blooms([decode.log(log(topics=[TX]))], bits.to_bytes(256, "big"))
    assert not decode.blooms([decode.log(log(address="0x" + "44" * 20))], bits.to_bytes(256, "big"))
    assert decode.blooms([], b"\x00" * 256)


PLACES = st.sampled_from(sorted({*block(), *receipt(), *log()}))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=80)
    | st.sampled_from([TX, "0x0"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLACES, inner),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(value=json_values, place=PLACES)
def test_anything_at_all_is_read_or_refused_by_name(value: Any, place: str) -> None:
    for read in (
        lambda found: decode.header(found, 7),
        lambda found: decode.receipt(found, TX),
        lambda found: decode.logs(found, 0, 9, {ADDRESS}),
        decode.log,
    ):
        for found in (
            value,
            {**block(), place: value},
            {**receipt(), place: value},
            {**log(), place: value},
            [value],
        ):
            with suppress(Malformed):
                read(found)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_json_that_is_not_too_deep_passes_whatever_its_texts_hold(value: Any) -> None:
    assert shallow(json.dumps(value).encode())
    assert shallow(json.dumps(value, ensure_ascii=False).encode())


def test_deep_or_open_brackets_are_found_before_anything_recurses() -> None:
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert shallow(deep)
    assert not shallow(b"[" + deep + b"]")
    assert not shallow(b'{"a":' * 99_999 + b"1" + b"}" * 99_999)
    assert not shallow(b"[" * 10_000_000)
    assert not shallow(b"[]" * 1_000_000)
    assert not shallow(b"[{]}")
    assert shallow(b'["' + b"[" * 1000 + b'\\"]"]')
    assert shallow(b'"\\' * 100_000)
