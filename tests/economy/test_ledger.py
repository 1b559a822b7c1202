"""The ledger balances, books once, and shows tampering."""

from __future__ import annotations

import pytest

from host.economy import ledger
from host.errors import MallError
from host.events import LedgerPosted

FUND = {"chain:vault:0x1": -5, "pool:1": 5}


def refusal(write, kind, key, lines):
    with pytest.raises(MallError) as caught:
        write(lambda tx: ledger.post(tx, kind, key, lines))
    return caught.value.code


def test_a_posting_moves_both_accounts_and_is_told(write, rows, published) -> None:
    posting = write(lambda tx: ledger.post(tx, "funded", "a", FUND))
    assert ledger.balances(rows, "") == {"chain:vault:0x1": -5, "pool:1": 5}
    assert [(e.posting, e.kind) for e in published if isinstance(e, LedgerPosted)] == [(posting.id, "funded")]
    ledger.check(rows)


def test_the_same_key_books_once_and_answers_with_the_first_posting(write, rows, published) -> None:
    first = write(lambda tx: ledger.post(tx, "funded", "a", FUND))
    assert write(lambda tx: ledger.post(tx, "funded", "a", FUND)) == first
    assert ledger.balance(rows, "pool:1") == 5
    assert len(published) == 1


@pytest.mark.parametrize(
    ("kind", "lines"), [("funded", {"chain:vault:0x1": -6, "pool:1": 6}), ("other", FUND), ("funded", {})]
)
def test_a_key_with_other_content_is_refused(write, kind, lines) -> None:
    write(lambda tx: ledger.post(tx, "funded", "a", FUND))
    assert refusal(write, kind, "a", lines) == "ledger.key_reused"


@pytest.mark.parametrize(
    "lines", [{}, {"pool:1": 5}, {"chain:distributor": -5, "pool:1": 4}, {"pool:1": 0, "pool:2": 0}]
)
def test_lines_that_do_not_balance_are_refused(write, rows, lines) -> None:
    assert refusal(write, "funded", "a", lines) == "ledger.unbalanced"
    assert ledger.balances(rows, "") == {}


@pytest.mark.parametrize("account", ["purse:1", "pool", "pool:", ":1", ""])
def test_an_account_of_no_kind_is_refused(write, account) -> None:
    assert refusal(write, "funded", "a", {"chain:distributor": -5, account: 5}) == "ledger.unknown_account"


def test_no_account_crosses_zero_against_its_kind(write, rows) -> None:
    write(lambda tx: ledger.post(tx, "funded", "a", FUND))
    assert refusal(write, "spent", "b", {"pool:1": -6, "player:1": 6}) == "ledger.insufficient"
    assert (
        refusal(write, "moved", "c", {"chain:vault:0x1": 6, "chain:distributor": -6}) == "ledger.insufficient"
    )
    assert ledger.balances(rows, "") == {"chain:vault:0x1": -5, "pool:1": 5}


def test_amounts_beyond_64_bits_stay_exact(write, rows) -> None:
    huge = 2**96 + 1
    for key in "ab":
        write(lambda tx, key=key: ledger.post(tx, "funded", key, {"chain:vault:0x1": -huge, "pool:1": huge}))
    assert ledger.balance(rows, "pool:1") == 2 * huge
    ledger.check(rows)


@pytest.mark.parametrize(
    "harm",
    [
        "update ledger_accounts set balance = '6' where name = 'pool:1'",
        "update ledger_lines set amount = '6' where account = 'pool:1'",
        "delete from ledger_lines where account = 'pool:1'",
        "insert into ledger_accounts (name, balance) values ('pool:9', '1')",
    ],
)
def test_a_changed_book_is_found(write, rows, harm) -> None:
    write(lambda tx: ledger.post(tx, "funded", "a", FUND))
    write(lambda tx: tx.execute(harm))
    with pytest.raises(MallError) as caught:
        ledger.check(rows)
    assert caught.value.code == "ledger.broken"
