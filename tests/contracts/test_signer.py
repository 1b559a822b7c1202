"""An external signer over a real socket: used when it answers exactly what was asked, refused whatever else it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from contracts.address import keccak256
from contracts.errors import ChainError
from contracts.keys import PrivateKey, joined, recover_digest
from contracts.signer import RemoteSigner
from contracts.signing import read_signed
from contracts.transaction import UnsignedTx
from tests.contracts.remote_signer import Signing

KEY, OTHER = PrivateKey(b"\x11" * 32), PrivateKey(b"\x22" * 32)
ASKED = UnsignedTx(56, 7, 1, 10, 90_000, OTHER.address, 5, b"\x01\x02")
DIGEST = keccak256(b"a document")


@pytest.fixture
def signing() -> Iterator[Signing]:
    made = Signing()
    yield made
    made.close()


@pytest.fixture
def signer(signing) -> RemoteSigner:
    return RemoteSigner(signing.url, KEY.address, timeout=10)


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


def refusal(work: Callable[[], object]) -> ChainError:
    with pytest.raises(ChainError) as caught:
        work()
    assert "s3cret" not in f"{caught.value} {caught.value.facts}"
    return caught.value


@pytest.mark.parametrize("wrapped", [True, False])
def test_the_very_transaction_is_asked_for_and_taken(signing, signer, wrapped) -> None:
    raw = KEY.sign_transaction(ASKED)
    signing.result({"raw": hexed(raw), "tx": {}} if wrapped else hexed(raw))
    assert signer.sign_transaction(ASKED) == raw
    (asked,) = signing.requests
    assert asked["method"] == "eth_signTransaction"
    assert asked["params"] == [
        {"from": KEY.address, "to": OTHER.address, "gas": "0x15f90", "maxFeePerGas": "0xa", "data": "0x0102",
         "maxPriorityFeePerGas": "0x1", "value": "0x5", "nonce": "0x7", "chainId": "0x38", "type": "0x2"}
    ]  # fmt: skip
    assert signing.headers[0]["Authorization"] == "Basic YWRhOnMzY3JldA=="
    assert "s3cret" not in repr(signer)


@pytest.mark.parametrize(
    "change",
    [
        {"to": KEY.address}, {"to": None}, {"value": 6}, {"data": b""}, {"nonce": 8}, {"chain_id": 1}, {"gas": 1},
        {"fee": 11}, {"tip": 2},
    ],
)  # fmt: skip
def test_another_transaction_is_never_taken(signing, signer, change) -> None:
    signing.result(hexed(KEY.sign_transaction(replace(ASKED, **change))))
    assert refusal(lambda: signer.sign_transaction(ASKED)).code == "signer.wrong_answer"


def test_another_signers_signature_is_never_taken(signing, signer) -> None:
    signing.result(hexed(OTHER.sign_transaction(ASKED)))
    assert refusal(lambda: signer.sign_transaction(ASKED)).code == "signer.wrong_answer"
    signing.result(hexed(OTHER.sign_typed({}, DIGEST)))
    assert refusal(lambda: signer.sign_typed({}, DIGEST)).code == "signer.wrong_answer"


def test_a_typed_document_is_signed(signing, signer) -> None:
    parity, r, s = KEY.sign_digest(DIGEST)
    signing.result(hexed(joined(parity, r, s)[:64] + bytes([parity])))
    assert signer.sign_typed({"primaryType": "Order"}, DIGEST) == KEY.sign_typed({}, DIGEST)
    assert signing.requests[0]["params"] == [KEY.address, {"primaryType": "Order"}]
    assert recover_digest(DIGEST, KEY.sign_typed({}, DIGEST)) == KEY.address


@pytest.mark.parametrize(
    "result",
    [
        None,
        7,
        "raw",
        "0xzz",
        "0x",
        "0x02",
        "0x02c0",
        {"raw": None},
        [],
        "0x02" + "f8" * 50,
        "0x02" + "c1" * 90_000,
    ],
)
def test_no_form_of_nonsense_is_taken(signing, signer, result) -> None:
    signing.result(result)
    assert refusal(lambda: signer.sign_transaction(ASKED)).code == "signer.wrong_answer"
    assert refusal(lambda: signer.sign_typed({}, DIGEST)).code == "signer.wrong_answer"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"no json", "signer.wrong_answer"),
        (b"[" * (1 << 20), "signer.wrong_answer"),
        ([1], "signer.wrong_answer"),
        ({"id": 99, "result": "0x"}, "signer.wrong_answer"),
        (b"{" + b" " * (1 << 20) + b"}", "signer.refused"),
        ({"id": 1, "error": {"code": -32000, "message": "denied by the person"}}, "signer.refused"),
    ],
)
def test_other_answers_are_refused(signing, signer, answer, code) -> None:
    signing.answer = lambda asked: answer
    assert refusal(lambda: signer.sign_transaction(ASKED)).code == code


def test_a_signer_that_is_gone_is_named_without_its_password(signing, signer) -> None:
    signing.server.server_close()
    found = refusal(lambda: signer.sign_transaction(ASKED))
    assert (found.code, "127.0.0.1" in found.message) == ("signer.unreachable", True)


@pytest.mark.parametrize(
    "url", ["", "clef", "ftp://host/", "http://", "http://host:99999/", "unix:/clef.ipc"]
)
def test_what_is_no_url_is_refused(url) -> None:
    assert refusal(lambda: RemoteSigner(url, KEY.address)).code == "signer.bad_url"


def test_signed_bytes_say_what_was_signed_and_by_whom() -> None:
    for unsigned in (ASKED, replace(ASKED, to=None, data=b"\x60" * 9), replace(ASKED, value=0, nonce=0)):
        assert read_signed(KEY.sign_transaction(unsigned)) == (unsigned, KEY.address)
