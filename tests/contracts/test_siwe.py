"""Sign-in messages: the standard's own example, hostile ones, and who has signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from contracts import siwe
from contracts.errors import ChainError
from contracts.keys import derive_key, sign_message
from contracts.local import LocalChain
from tests.contracts.wallets import GIANT, LIAR, REVERTS, YES, NoContracts, install

ADA = derive_key(b"for tests only".ljust(32), "ada")
EVE = derive_key(b"for tests only".ljust(32), "eve")
NOW = 1_800_000_000.0
HERE = siwe.Expected("mall.example:8443", "https://mall.example:8443/wallet/sign-in", 56, "a1b2c3d4e5", NOW)
GOOD = siwe.Message(
    domain=HERE.domain, address=ADA.address, uri=HERE.uri, chain_id=56, nonce=HERE.nonce, issued_at=NOW - 5,
    expires_at=NOW + 300, statement="Sign in the game that shows ABCD-EFGH.", request_id="ABCD-EFGH",
)  # fmt: skip
# From the text of EIP-4361, with the address of the example in its EIP-55 spelling.
STANDARD = """example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""


@pytest.fixture
def chain() -> LocalChain:
    return LocalChain(None, chain_id=56)


def signed(message: siwe.Message = GOOD, key: Any = ADA) -> tuple[str, bytes]:
    text = message.text()
    return text, sign_message(key, text.encode())


def code_of(call: Any) -> str:
    with pytest.raises(ChainError) as refused:
        call()
    return refused.value.code


def test_the_standards_example_is_read_and_written_letter_by_letter() -> None:
    parsed = siwe.parse(STANDARD)
    assert parsed.statement.startswith("I accept")
    assert parsed.issued_at == 1633019124.0
    assert len(parsed.resources) == 2
    assert parsed.text() == STANDARD


def test_a_message_without_statement_keeps_the_empty_line() -> None:
    text = replace(GOOD, statement="").text()
    assert f"{ADA.address}\n\n\nURI: " in text
    assert siwe.parse(text).statement == ""
    assert code_of(lambda: siwe.parse(text.replace("\n\n\nURI", "\n\nURI"))) == "siwe.malformed"


@given(
    statement=st.text("abc :/?#[]@!$&'()*+,;=-._~", max_size=60), nonce=st.from_regex(r"\A[A-Za-z0-9]{8,96}\Z"),
    chain_id=st.integers(0, 10**18), issued=st.integers(0, 4_000_000_000),
    ends=st.none() | st.integers(0, 4_000_000_000), begins=st.none() | st.integers(0, 4_000_000_000),
    request_id=st.none() | st.text("abc-%20"[:4], max_size=9),
    resources=st.lists(st.sampled_from(["https://a.b/c?d=%20", "ipfs:abc"]), max_size=3),
)  # fmt: skip
def test_what_is_written_is_read_back(
    statement: str, nonce: str, chain_id: int, issued: int, ends: int | None, begins: int | None,
    request_id: str | None, resources: list[str],
) -> None:  # fmt: skip
    made = replace(
        GOOD, statement=statement, nonce=nonce, chain_id=chain_id, issued_at=float(issued), expires_at=ends,
        not_before=begins, request_id=request_id, resources=tuple(resources),
    )  # fmt: skip
    assert siwe.parse(made.text()) == made
    assert siwe.parse(made.text().encode()) == made


@given(text=st.text(max_size=300) | st.binary(max_size=300))
def test_anything_is_a_message_or_a_refusal(text: str | bytes) -> None:
    assert code_of(lambda: siwe.parse(text)) == "siwe.malformed"


@given(at=st.integers(0, 600), byte=st.integers(0, 255))
def test_a_changed_byte_never_signs_in(at: int, byte: int) -> None:
    text, signature = signed()
    raw = bytearray(text.encode())
    if at >= len(raw) or raw[at] == byte:
        return
    raw[at] = byte
    with pytest.raises(ChainError):
        siwe.authenticate(bytes(raw), signature, HERE, NoContracts())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t + "\n", lambda t: "\n" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("URI", "uri"),
        lambda t: t + "\nResources:\n- no uri", lambda t: t.replace("Version: 1", "Version: 2"),
        lambda t: t.replace("Chain ID: 56", "Chain ID: 056"), lambda t: t.replace("Chain ID: 56", "Chain ID: ٥٦"),
        lambda t: t.replace(ADA.address, ADA.address.lower()), lambda t: t.replace(ADA.address, "0x" + "a" * 39),
        lambda t: t.replace("mall.example:8443 wants", "bank.example@mall.example:8443 wants"),
        lambda t: t.replace("mall.example:8443 wants", "m\u0430ll.example:8443 wants"),
        lambda t: t.replace("Sign in", "Sign\tin"), lambda t: t.replace("Sign in", "Sign\nin"),
        lambda t: t.replace("Sign in", "Sign\x00in"), lambda t: t.replace("Sign in", "Sign\u202ein"),
        lambda t: t.replace("a1b2c3d4e5", "a1b2c3d"), lambda t: t.replace("a1b2c3d4e5", "a1b2c3d4-5"),
        lambda t: t.replace("Issued At: 2027-01", "Issued At: 2027-13"),
        lambda t: t.replace("Issued At: 2027-01-15", "Issued At: 2027-02-30"),
        lambda t: t.replace("Request ID: ABCD-EFGH", "Request ID: AB CD"),
        lambda t: t.replace("Request ID: ABCD-EFGH", "Request ID: AB%zz"),
        lambda t: t + "\n" + t, lambda t: t + "\nNot Before: 2027-01-01T00:00:00Z", lambda t: t * 40,
        lambda t: t.replace("Nonce", "Nonce: zzzzzzzzzz\nNonce"), lambda t: t.encode() + b"\xff",
        lambda t: t.encode("utf-16"), lambda t: "", lambda t: t.replace("\n", "\u2028"),
    ],
)  # fmt: skip
def test_what_the_grammar_does_not_allow_is_refused(spoil: Any) -> None:
    spoiled = spoil(GOOD.text())
    assert spoiled != GOOD.text()
    assert code_of(lambda: siwe.parse(spoiled)) == "siwe.malformed"


@pytest.mark.parametrize(
    "changes",
    [{"statement": "line\nbreak"}, {"statement": "é"}, {"nonce": "short"}, {"domain": "a b"}, {"uri": "no uri"},
     {"address": ADA.address.lower()}, {"issued_at": float("nan")}, {"issued_at": 1e20}, {"request_id": "a b"},
     {"resources": ("x y",)}, {"domain": "a.b\nwants"}, {"statement": "x" * 5000}],
)  # fmt: skip
def test_no_field_can_smuggle_a_line_into_a_message(changes: dict[str, Any]) -> None:
    assert code_of(lambda: replace(GOOD, **changes).text()) == "siwe.malformed"


def test_the_account_that_signed_signs_in(chain: LocalChain) -> None:
    text, signature = signed()
    assert siwe.authenticate(text, signature, HERE, chain) == ADA.address
    theirs = Account.sign_message(encode_defunct(text=text), ADA.reveal()).signature
    assert siwe.authenticate(text, bytes(theirs), HERE, chain) == ADA.address


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"domain": "evil.example"}, "siwe.wrong_domain"), ({"domain": "mall.example"}, "siwe.wrong_domain"),
     ({"uri": "https://mall.example:8443/other"}, "siwe.wrong_uri"), ({"scheme": "http"}, "siwe.wrong_uri"),
     ({"chain_id": 97}, "siwe.wrong_chain"), ({"nonce": "a1b2c3d4e6"}, "siwe.wrong_nonce"),
     ({"expires_at": NOW}, "siwe.expired"), ({"expires_at": None}, "siwe.no_expiry"),
     ({"not_before": NOW + 120}, "siwe.not_yet"), ({"issued_at": NOW + 120}, "siwe.not_yet")],
)  # fmt: skip
def test_a_message_for_something_else_is_refused_though_it_is_signed(
    chain: LocalChain, changes: dict[str, Any], code: str
) -> None:
    text, signature = signed(replace(GOOD, **changes))
    assert code_of(lambda: siwe.authenticate(text, signature, HERE, chain)) == code


def test_another_key_does_not_sign_in(chain: LocalChain) -> None:
    text, signature = signed(key=EVE)
    assert code_of(lambda: siwe.authenticate(text, signature, HERE, chain)) == "siwe.bad_signature"
    assert code_of(lambda: siwe.authenticate(text, b"", HERE, chain)) == "siwe.bad_signature"
    other, _ = signed(replace(GOOD, statement="Something else"))
    _, signature = signed()
    assert code_of(lambda: siwe.authenticate(other, signature, HERE, chain)) == "siwe.bad_signature"


@pytest.mark.parametrize(("code", "enters"), [(YES, True), (LIAR, False), (REVERTS, False), (GIANT, False)])
def test_a_contract_wallet_signs_in_when_it_says_so(chain: LocalChain, code: str, enters: bool) -> None:
    wallet = install(chain, code)
    text = replace(GOOD, address=wallet).text()
    if enters:
        assert siwe.authenticate(text, b"owner's", HERE, chain) == wallet
    else:
        assert code_of(lambda: siwe.authenticate(text, b"owner's", HERE, chain)) == "siwe.bad_signature"


def test_nonces_are_new_and_fit_the_grammar() -> None:
    nonces = {siwe.new_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert all(len(nonce) == siwe.NONCE_LENGTH and nonce.isalnum() for nonce in nonces)


@pytest.mark.parametrize(
    ("url", "origin", "domain"),
    [("http://127.0.0.1:7778", "http://127.0.0.1:7778", "127.0.0.1:7778"),
     ("https://Mall.Example:443/", "https://mall.example", "mall.example"),
     ("http://[::1]:80", "http://[::1]", "[::1]"),
     ("https://mall.example:8443", "https://mall.example:8443", HERE.domain)],
)  # fmt: skip
def test_an_origin_is_spelled_as_browsers_do(url: str, origin: str, domain: str) -> None:
    assert siwe.origin_of(url) == (origin, domain)


@pytest.mark.parametrize(
    "url",
    ["", "mall.example", "ftp://a.b", "https://a@b.c", "https://a.b/x", "https://a.b?x", "https://a.b#x", "https://",
     "https://a b", "https://a.b:99999", "https://a_b.c", "javascript:alert(1)", "https://[::1", "https://é.b"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(url: str) -> None:
    assert code_of(lambda: siwe.origin_of(url)) == "siwe.bad_origin"
