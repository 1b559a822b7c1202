"""Codes and the states of a sign-in, without a host."""

from __future__ import annotations

import pytest

from host.accounts import codes
from host.accounts.codes import CodeBook
from host.accounts.signin import FLOW, LIFE_S, Place, SignIn, SignIns
from host.errors import MallError
from tests.accounts.desk import ADA

PLACE = Place("https://mall.example", "mall.example", 56)


def test_guessing_codes_is_paced_and_then_even_the_right_one_waits() -> None:
    book: CodeBook[str] = CodeBook()
    code = book.issue("mine", 100.0)
    for _ in range(10):
        with pytest.raises(MallError) as refused:
            book.find("BBBBBBBB" if code != "BBBBBBBB" else "CCCCCCCC", "203.0.113.7", 0.0)
        assert refused.value.code == "wallet.no_code"
    with pytest.raises(MallError) as refused:
        book.find(code, "203.0.113.7", 0.0)
    assert refused.value.code == "wallet.too_many_tries"
    assert book.find(code, "203.0.113.8", 0.0) == (code, "mine")
    assert book.find(code, "203.0.113.7", 31.0) == (code, "mine")


def test_a_botnet_of_guessers_is_paced_as_a_whole() -> None:
    book: CodeBook[str] = CodeBook()
    said = []
    for number in range(250):
        with pytest.raises(MallError) as refused:
            book.find("", f"203.0.{number // 250}.{number % 250}", 0.0)
        said.append(refused.value.code)
    assert (said.count("wallet.no_code"), said.count("wallet.too_many_tries")) == (200, 50)


@pytest.mark.parametrize("typed", ["{}", "  {} ", "{}".lower(), "{}–", "\t{}"])
def test_codes_are_read_as_people_type_them(typed: str) -> None:
    book: CodeBook[str] = CodeBook()
    code = book.issue("mine", 100.0)
    for spelled in (code, code.lower(), codes.shown(code), codes.shown(code).replace("-", " ")):
        assert book.find(typed.format(spelled), "", 0.0)[0] == code


@pytest.mark.parametrize(
    "text", ["", "AAAAAAAA", "BBBB", "ＢＢＢＢＢＢＢＢ", "B" * 65, "BBBB\nBBBB", "BBBBBBB\x00"]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert codes.typed(text) is None


def test_codes_end_with_their_time() -> None:
    book: CodeBook[str] = CodeBook()
    code = book.issue("mine", 100.0)
    with pytest.raises(MallError):
        book.find(code, "", 100.0)
    assert list(book.sweep(100.0)) == ["mine"]


@pytest.mark.parametrize("before", FLOW)
@pytest.mark.parametrize("after", FLOW)
def test_a_sign_in_goes_no_other_way(before: str, after: str) -> None:
    made = SignIn("call:1", 0, "", 1.0, state=before)
    if after in FLOW[before]:
        made.move(after)
        assert made.state == after
    else:
        with pytest.raises(MallError, match="not_now"):
            made.move(after)


def test_a_sign_in_that_took_too_long_is_over() -> None:
    book: CodeBook[object] = CodeBook()
    sign_ins = SignIns(book)
    made = sign_ins.ask("call:1", 0, "", 0.0)
    assert sign_ins.sweep(LIFE_S - 1) == []
    assert sign_ins.sweep(LIFE_S) == [made]
    assert made.state == "over"
    assert sign_ins.of("call:1") is None


def test_asking_again_ends_the_older_code() -> None:
    book: CodeBook[object] = CodeBook()
    sign_ins = SignIns(book)
    first = sign_ins.ask("call:1", 0, "", 0.0)
    second = sign_ins.ask("call:1", 0, "", 0.0)
    assert first.state == "over"
    with pytest.raises(MallError):
        book.find(first.code, "", 0.0)
    assert book.find(second.code, "", 0.0)[1] is second


def test_a_wrong_address_gets_no_challenge() -> None:
    sign_ins = SignIns(CodeBook())
    made = sign_ins.ask("call:1", 0, "", 0.0)
    sign_ins.open(made, "b")
    for address in ("", "0x", "0x" + "g" * 40, ADA.address[:-1], ADA.address + "\r\nURI: x"):
        with pytest.raises(MallError) as refused:
            sign_ins.challenge(made, "b", address, PLACE, 0.0)
        assert refused.value.code == "account.bad_address"


def test_questions_from_one_network_are_paced_and_this_machine_is_not() -> None:
    book: CodeBook[str] = CodeBook()
    code = book.issue("mine", 100.0)
    for _ in range(40):
        book.find(code, "203.0.113.7", 0.0)
    with pytest.raises(MallError) as refused:
        book.find(code, "203.0.113.7", 0.0)
    assert refused.value.code == "wallet.too_fast"
    for _ in range(100):
        book.find(code, "127.0.0.1", 0.0)
