"""Encrypted key files: what we write others open, what they write we open, and a hostile file costs nothing."""

from __future__ import annotations

import json

import pytest
from eth_account import Account

from contracts import keystore
from contracts.errors import ChainError

SECRET = bytes(range(1, 33))
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def made() -> bytes:
    return keystore.encrypt(SECRET, PASSWORD, scrypt_n=keystore.LIGHT_SCRYPT_N)


def refusal(content: bytes, password: str = PASSWORD) -> ChainError:
    with pytest.raises(ChainError) as caught:
        keystore.decrypt(content, password)
    assert PASSWORD not in str(caught.value)
    assert SECRET.hex() not in repr(caught.value.facts)
    return caught.value


def test_what_we_write_opens_with_its_password_only(made) -> None:
    assert keystore.decrypt(made, PASSWORD) == SECRET
    assert keystore.open_key(made, PASSWORD).reveal() == SECRET
    assert refusal(made, "wrong").code == "keystore.wrong_password"
    assert SECRET.hex().encode() not in made


def test_others_open_what_we_write_and_we_what_they_write(made) -> None:
    assert bytes(Account.decrypt(json.loads(made), PASSWORD)) == SECRET
    pbkdf2 = Account.encrypt(SECRET, PASSWORD, kdf="pbkdf2", iterations=10)
    assert keystore.decrypt(json.dumps(pbkdf2).encode(), PASSWORD) == SECRET


@pytest.mark.parametrize(
    "costs", [{"n": 1 << 40}, {"r": 1 << 20}, {"p": 1 << 20}, {"dklen": 1 << 30}, {"n": 0}, {"p": -1}]
)
def test_a_file_that_asks_for_endless_work_is_refused_before_any(made, costs) -> None:
    content = json.loads(made)
    content["crypto"]["kdfparams"].update(costs)
    assert refusal(json.dumps(content).encode()).code == "keystore.too_costly"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"[" * 60_000, b"{" * 70_000, b"\xff{", b'{"version": 3, "crypto": 7}', b"null"],
)
def test_what_is_no_key_file_is_refused_as_such(content) -> None:
    assert refusal(content).code == "keystore.malformed"


@pytest.mark.parametrize("change", [{"version": 1}, {"version": True}, {"crypto": None}])
def test_other_versions_are_refused(made, change) -> None:
    assert refusal(json.dumps({**json.loads(made), **change}).encode()).code == "keystore.malformed"


def test_a_changed_ciphertext_does_not_open(made) -> None:
    content = json.loads(made)
    text = content["crypto"]["ciphertext"]
    content["crypto"]["ciphertext"] = ("0" if text[0] != "0" else "1") + text[1:]
    assert refusal(json.dumps(content).encode()).code == "keystore.wrong_password"


def test_an_empty_password_protects_nothing() -> None:
    with pytest.raises(ChainError) as caught:
        keystore.encrypt(SECRET, "")
    assert caught.value.code == "keystore.no_password"
