"""Resource: numbered editions of a content, owned by their creator until they move."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.abi import encode
from contracts.address import ZERO_ADDRESS, keccak256
from tests.contracts.trade import LIVE, Town

MODEL, BLUEPRINT = 1, 3
CONTENT = bytes(range(32))


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture(scope="module")
def shared() -> Town:
    return Town()


def test_a_publication_gives_all_editions_to_its_creator(town: Town) -> None:
    ann = town.person("ann")
    receipt = town.send(ann, town.resource, "publish", CONTENT, MODEL, 10, 500)
    creation = town.ask(town.resource, "creationOf", ann.address, CONTENT)
    assert creation == (
        int.from_bytes(keccak256(encode(("address", "bytes32"), (ann.address, CONTENT), "creation")), "big")
        >> 32
        << 32
    )
    assert town.ask(town.resource, "balanceOf", ann.address) == 10
    assert {town.owner(town.resource, creation + edition) for edition in range(1, 11)} == {ann.address}
    for edition in (0, 11, 2**32 - 1):
        town.refused("ERC721NonexistentToken", ann, town.resource, "ownerOf", creation + edition)
        town.refused("ERC721NonexistentToken", ann, town.resource, "tokenURI", creation + edition)
    assert town.ask(town.resource, "publications", creation) == (
        ann.address, 10, 500, MODEL, town.now, CONTENT,
    )  # fmt: skip
    batch, published = town.events(receipt, town.resource)
    assert (batch.name, *batch.args.values()) == (
        "ConsecutiveTransfer", creation + 1, creation + 10, ZERO_ADDRESS, ann.address,
    )  # fmt: skip
    assert (published.name, *published.args.values()) == (
        "Published", creation, ann.address, CONTENT, MODEL, 10, 500,
    )  # fmt: skip


def test_a_single_edition_tells_a_usual_transfer(town: Town) -> None:
    ann = town.person("ann")
    receipt = town.send(ann, town.resource, "publish", CONTENT, BLUEPRINT, 1, 0)
    creation = town.ask(town.resource, "creationOf", ann.address, CONTENT)
    transfer = town.events(receipt, town.resource)[0]
    assert (transfer.name, *transfer.args.values()) == ("Transfer", ZERO_ADDRESS, ann.address, creation + 1)


def test_limits_of_a_publication(town: Town) -> None:
    ann = town.person("ann")
    limit = town.ask(town.resource, "MAX_EDITIONS")
    cap = town.ask(town.resource, "MAX_ROYALTY_BPS")
    for error, arguments in {
        "ContentHashMissing": (bytes(32), MODEL, 1, 0),
        "EditionsOutOfRange": (CONTENT, MODEL, 0, 0),
        "RoyaltyTooHigh": (CONTENT, MODEL, 1, cap + 1),
        "Unknown": (CONTENT, 4, 1, 0),
    }.items():
        town.refused(error, ann, town.resource, "publish", *arguments)
    town.refused("EditionsOutOfRange", ann, town.resource, "publish", CONTENT, MODEL, limit + 1, 0)
    town.send(ann, town.resource, "publish", CONTENT, MODEL, limit, cap)
    town.refused("PublishedBefore", ann, town.resource, "publish", CONTENT, MODEL, 1, 0)


def test_nobody_occupies_the_content_of_another(town: Town) -> None:
    ann, eve = town.person("ann"), town.person("eve")
    town.send(eve, town.resource, "publish", CONTENT, MODEL, 1, 0)
    town.now += 1
    town.send(ann, town.resource, "publish", CONTENT, MODEL, 2, 100)
    first, second = (town.ask(town.resource, "creationOf", who.address, CONTENT) for who in (eve, ann))
    assert town.owner(town.resource, first + 1) == eve.address
    assert town.owner(town.resource, second + 1) == ann.address
    assert (
        town.ask(town.resource, "publications", first)[4] < town.ask(town.resource, "publications", second)[4]
    )


def test_an_edition_moves_alone_and_returns(town: Town) -> None:
    ann, bob, eve = (town.person(name) for name in ("ann", "bob", "eve"))
    town.send(ann, town.resource, "publish", CONTENT, MODEL, 3, 0)
    creation = town.ask(town.resource, "creationOf", ann.address, CONTENT)
    town.refused(
        "ERC721InsufficientApproval",
        eve,
        town.resource,
        "transferFrom",
        ann.address,
        eve.address,
        creation + 2,
    )
    town.send(ann, town.resource, "approve", eve.address, creation + 2)
    town.send(eve, town.resource, "transferFrom", ann.address, bob.address, creation + 2)
    assert town.owner(town.resource, creation + 2) == bob.address
    assert town.ask(town.resource, "getApproved", creation + 2) == ZERO_ADDRESS
    assert [town.ask(town.resource, "balanceOf", who.address) for who in (ann, bob)] == [2, 1]
    town.refused(
        "ERC721InsufficientApproval",
        ann,
        town.resource,
        "transferFrom",
        bob.address,
        ann.address,
        creation + 2,
    )
    town.refused(
        "ERC721NonexistentToken", ann, town.resource, "transferFrom", ann.address, bob.address, creation + 4
    )
    town.send(bob, town.resource, "transferFrom", bob.address, ann.address, creation + 2)
    assert town.owner(town.resource, creation + 2) == ann.address
    assert town.ask(town.resource, "balanceOf", ann.address) == 3


def test_the_uri_is_the_rfc_6920_name_of_the_content(town: Town) -> None:
    ann = town.person("ann")
    town.send(ann, town.resource, "publish", CONTENT, MODEL, 2, 0)
    creation = town.ask(town.resource, "creationOf", ann.address, CONTENT)
    name = base64.urlsafe_b64encode(CONTENT).rstrip(b"=").decode()
    assert town.ask(town.resource, "tokenURI", creation + 2) == f"ni:///sha-256;{name}"


def test_interfaces(shared: Town) -> None:
    supported = {
        number: shared.ask(shared.resource, "supportsInterface", number.to_bytes(4, "big"))
        for number in (0x01FFC9A7, 0x80AC58CD, 0x5B5E139F, 0x2A55205A, 0xFFFFFFFF)
    }
    assert [number for number, yes in supported.items() if not yes] == [0xFFFFFFFF]


def test_what_was_never_published_owes_no_royalty(shared: Town) -> None:
    assert shared.ask(shared.resource, "royaltyInfo", 77, LIVE) == (ZERO_ADDRESS, 0)


@settings(max_examples=15, deadline=None)
@given(
    content=st.binary(min_size=32, max_size=32).filter(any),
    share=st.integers(0, 1_000),
    edition=st.integers(0, 2**32 - 1),
    price=st.integers(0, 2**96 - 1),
)
def test_the_creator_gets_its_share_of_any_edition(
    shared: Town, content: bytes, share: int, edition: int, price: int
) -> None:
    ann = shared.person(f"creator {content.hex()} {share}")
    creation = shared.ask(shared.resource, "creationOf", ann.address, content)
    if shared.ask(shared.resource, "publications", creation)[1] == 0:
        shared.send(ann, shared.resource, "publish", content, MODEL, 5, share)
    receiver, amount = shared.ask(shared.resource, "royaltyInfo", creation + edition, price)
    assert (receiver, amount) == (ann.address, price * share // 10_000)
    assert amount * 10 <= price
