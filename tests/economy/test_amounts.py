"""Amounts are exact in both directions; anything else than a plain decimal is refused."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.economy import amounts
from host.errors import MallError


@given(st.integers(0, amounts.MAX_WEI))
def test_every_amount_comes_back_exactly(wei: int) -> None:
    assert amounts.parse(amounts.plain(wei)) == wei


@given(st.integers(0, 10**9), st.text("0123456789", min_size=1, max_size=18))
def test_text_means_what_decimal_arithmetic_says(whole: int, decimals: str) -> None:
    text = f"{whole}.{decimals}"
    assert amounts.parse(text) == Decimal(text).scaleb(18)


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "+1", "-1", "1e3", "1.", ".5", "01", "1.0000000000000000001", "nan", "inf", "1,5", "0x10",
     "１", "1_000", "99999999999", "1\n", "9" * 5000],
)  # fmt: skip
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(MallError) as caught:
        amounts.parse(text)
    assert caught.value.code == "amount.bad"
    assert len(caught.value.message) < 200


@given(st.text("0123456789.eE+- \n１", max_size=30))
def test_any_text_is_an_amount_or_a_clear_refusal(text: str) -> None:
    plain = re.fullmatch(r"(0|[1-9][0-9]{0,10})(\.[0-9]{1,18})?", text, re.ASCII)
    if plain and Decimal(text).scaleb(18) <= amounts.MAX_WEI:
        assert amounts.parse(text) == Decimal(text).scaleb(18)
    else:
        with pytest.raises(MallError, match=r"amount\.bad"):
            amounts.parse(text)


def test_amounts_are_shown_with_their_unit_and_no_needless_digits() -> None:
    assert amounts.show(12_500_000_000_000_000_000) == "12.5 LIVE"
    assert amounts.show(1) == "0.000000000000000001 LIVE"
    assert amounts.show(0) == "0 LIVE"
    assert amounts.plain(-3 * 10**18) == "-3"
