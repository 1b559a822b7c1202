"""Accounts: names that people can read, wallets that nobody shares, tokens that end."""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.accounts import rules, store
from host.accounts.addresses import checked
from host.accounts.models import CREATOR, MODERATOR, OPERATOR, PLAYER, SYSTEM
from host.accounts.service import Accounts
from host.errors import MallError
from host.storage import audit
from host.storage.database import open_reader
from host.storage.rows import Rows
from host.storage.writer import Writer

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # from EIP-55


def wallet(label: str) -> str:
    return "0x" + hashlib.sha256(label.encode()).hexdigest()[:40]


class World:
    def __init__(self, path: Path) -> None:
        self.time = 1000.0
        self.events: list[object] = []
        self.writer = Writer(
            path, [audit.MIGRATIONS, store.MIGRATIONS], self.events.extend, clock=lambda: self.time
        )
        self.rows: Rows = open_reader(path)
        self.accounts = Accounts(wallet)

    def do(self, work):
        return self.writer.submit(work).result()


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path / "mall.db")
    yield made
    made.writer.close()


def test_guests_get_readable_names_and_wallets_of_their_own(world: World) -> None:
    guests = [world.do(lambda tx: world.accounts.create_guest(tx)) for _ in range(20)]
    assert all(g.name.startswith("Guest ") and g.guest and g.roles == {PLAYER} for g in guests)
    assert (
        len({g.address for g in guests})
        == len({g.wallet for g in guests})
        == len({g.name for g in guests})
        == 20
    )
    assert all(g.address == checked(wallet(g.wallet)) for g in guests)
    assert world.accounts.get(world.rows, guests[3].id) == guests[3]
    assert len(world.events) == 20


def test_two_guests_may_choose_one_name(world: World) -> None:
    a, b = (world.do(lambda tx: world.accounts.create_guest(tx, "  Ada ")) for _ in range(2))
    assert a.name == b.name == "Ada"
    assert a.id != b.id


def test_a_key_holder_keeps_one_account_and_gains_roles(world: World) -> None:
    first = world.do(lambda tx: world.accounts.ensure_account(tx, ADDRESS.lower(), "Ada"))
    again = world.do(lambda tx: world.accounts.ensure_account(tx, ADDRESS, "Other", frozenset({CREATOR})))
    assert (again.id, again.name, again.address) == (first.id, "Ada", ADDRESS)
    assert again.roles == {PLAYER, CREATOR}
    assert not again.guest
    assert world.accounts.of_address(world.rows, ADDRESS.lower()) == again


@pytest.mark.parametrize(
    "bad", ["", "0x12", ADDRESS[:-1] + "D", ADDRESS.replace("a", "A"), "0x" + "g" * 40, "5aAe" + "0" * 38]
)
def test_a_wrong_address_is_refused(bad: str) -> None:
    with pytest.raises(MallError) as caught:
        checked(bad)
    assert caught.value.code == "account.bad_address"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "   ",
        "a" * 25,
        "a\u202eb",
        "a\u200bb",
        "a\nb",
        "\u3164",
        "\u2800",
        "...",
        "x\ufe0f",
        "\ud800",
        "a\u2066b",
        "\x00",
    ],
)
def test_a_name_that_hides_something_is_refused(bad: str) -> None:
    with pytest.raises(MallError) as caught:
        rules.display_name(bad)
    assert caught.value.code == "account.bad_name"


@pytest.mark.parametrize("good", ["Ada", "Ünïcode 7", "अनुष्का", "李雷", "علي", "a" * 24])
def test_names_of_the_world_are_kept(good: str) -> None:
    assert rules.display_name(good) == unicodedata.normalize("NFKC", good)


@given(st.text(max_size=40))
def test_a_kept_name_is_stable_and_bounded(text: str) -> None:
    try:
        name = rules.display_name(text)
    except MallError:
        return
    assert rules.display_name(name) == name
    assert 1 <= len(name) <= rules.MAX_NAME


@given(st.integers(0, 2**128), st.integers(0, 4))
def test_a_taken_guest_name_is_not_given_again(number: int, refused: int) -> None:
    tries = itertools.count()
    name = rules.guest_name(number, lambda _: next(tries) < refused)
    assert rules.display_name(name) == name


def test_a_token_signs_in_until_it_ends(world: World) -> None:
    guest = world.do(lambda tx: world.accounts.create_guest(tx))
    token = world.do(lambda tx: world.accounts.issue_token(tx, guest.id))
    assert world.accounts.account_of_token(world.rows, token, world.time).id == guest.id
    stored = world.rows.all("select * from tokens")
    assert token not in str([tuple(row) for row in stored])
    for wrong, now in (
        (token, world.time + rules.TOKEN_LIFE),
        (token + "x", world.time),
        ("\ud800", world.time),
    ):
        with pytest.raises(MallError) as caught:
            world.accounts.account_of_token(world.rows, wrong, now)
        assert caught.value.code == "account.bad_token"
        assert token not in str(caught.value)
    world.do(lambda tx: world.accounts.drop_token(tx, token))
    with pytest.raises(MallError, match=r"account\.bad_token"):
        world.accounts.account_of_token(world.rows, token, world.time)


def test_only_the_newest_tokens_of_an_account_work(world: World) -> None:
    guest = world.do(lambda tx: world.accounts.create_guest(tx))
    other = world.do(lambda tx: world.accounts.create_guest(tx))
    kept = world.do(lambda tx: world.accounts.issue_token(tx, other.id))
    tokens = []
    for _ in range(rules.TOKENS_EACH + 2):
        world.time += 1
        tokens.append(world.do(lambda tx: world.accounts.issue_token(tx, guest.id)))
    for gone in tokens[:2]:
        with pytest.raises(MallError):
            world.accounts.account_of_token(world.rows, gone, world.time)
    for token in (*tokens[2:], kept):
        world.accounts.account_of_token(world.rows, token, world.time)


def test_roles_are_given_and_taken_by_an_operator_only(world: World) -> None:
    guest = world.do(lambda tx: world.accounts.create_guest(tx))
    boss = world.do(lambda tx: world.accounts.ensure_account(tx, ADDRESS, "Boss", frozenset({OPERATOR})))
    with pytest.raises(MallError) as caught:
        world.do(lambda tx: world.accounts.grant_role(tx, guest.actor, guest.id, MODERATOR))
    assert caught.value.code == "account.not_allowed"
    with pytest.raises(MallError, match=r"account\.bad_role"):
        world.do(lambda tx: world.accounts.grant_role(tx, boss.actor, guest.id, "host"))
    assert (
        MODERATOR in world.do(lambda tx: world.accounts.grant_role(tx, boss.actor, guest.id, MODERATOR)).roles
    )
    assert world.do(lambda tx: world.accounts.take_role(tx, SYSTEM, guest.id, MODERATOR)).roles == {PLAYER}
    audit.verify(world.rows.all("select * from audit order by seq"))


def test_a_rename_keeps_the_rules(world: World) -> None:
    guest = world.do(lambda tx: world.accounts.create_guest(tx))
    assert world.do(lambda tx: world.accounts.rename(tx, guest.id, "Bob")).name == "Bob"
    with pytest.raises(MallError, match=r"account\.bad_name"):
        world.do(lambda tx: world.accounts.rename(tx, guest.id, "\u202e"))
    with pytest.raises(MallError, match=r"account\.unknown"):
        world.do(lambda tx: world.accounts.rename(tx, 999, "Bob"))
