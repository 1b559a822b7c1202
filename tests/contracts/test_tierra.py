"""Tierra: ownership and rents against a model that keeps one owner and one tenant per token."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.bindings import Contract, deploy_intent
from contracts.chain import ChainRevert, Intent
from tests.contracts.land import DAY, NOBODY, Land, move, owner

REGION = 3 << 10


@pytest.fixture
def world(new_world: Any) -> Any:
    made = new_world()
    made.land = Land(made)
    return made


def test_all_land_starts_with_the_treasury(world: Any) -> None:
    treasury = world.operator.address
    assert world.tierra.call(world.chain, "balanceOf", treasury) == 100_100
    assert {owner(world, number) for number in (0, 1, 31_337, 100_099)} == {treasury}
    for name in ("ownerOf", "getApproved", "userOf", "quadOf"):
        world.refused("ERC721NonexistentToken", world.operator, world.tierra, name, 100_100)
    interfaces = [0x01FFC9A7, 0x80AC58CD, 0x5B5E139F, 0xAD092B5C, 0xFFFFFFFF]
    ask = [
        world.tierra.call(world.chain, "supportsInterface", each.to_bytes(4, "big")) for each in interfaces
    ]
    assert ask == [True, True, True, True, False]


def test_the_last_region_is_smaller_and_its_quads_stay_inside(world: Any) -> None:
    ann = world.person("ann").address
    treasury = world.operator.address
    last = 97 << 10
    for level, base in (
        (4, last),
        (3, last + 768),
        (1, last + 772),
        (0, 0),
        (5, 0),
        (1, 8),
        (2, 16),
        (1, 2**255),
    ):
        world.refused(
            "QuadInvalid", world.operator, world.tierra, "transferQuad", treasury, ann, level, base, False
        )
    world.send(world.operator, world.tierra, "transferQuad", treasury, ann, 3, last + 512, False)
    world.refused(
        "QuadInvalid", world.operator, world.tierra, "transferQuad", treasury, ann, 1, last + 768, False
    )
    move(world, world.operator, treasury, ann, 100_099)
    assert world.tierra.call(world.chain, "balanceOf", ann) == 257


def test_a_move_names_the_owner(world: Any) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    world.land.sell(ann, 0, REGION)
    world.send(ann, world.tierra, "setApprovalForAll", bob.address, True)
    for who in (ann, bob):
        values = world.refused(
            "ERC721IncorrectOwner",
            who,
            world.tierra,
            "transferFrom",
            world.operator.address,
            bob.address,
            REGION,
        )
        assert values == {"sender": world.operator.address, "tokenId": REGION, "owner": ann.address}
    world.refused(
        "ERC721IncorrectOwner", ann, world.tierra, "transferQuad", ann.address, bob.address, 1, REGION, False
    )


def test_an_approval_is_for_one_token_and_one_move(world: Any) -> None:
    ann, bob, eve = (world.person(name) for name in ("ann", "bob", "eve"))
    move(world, world.operator, world.operator.address, ann.address, REGION)
    world.refused("ERC721InvalidApprover", eve, world.tierra, "approve", eve.address, REGION)
    world.send(ann, world.tierra, "approve", bob.address, REGION)
    assert world.tierra.call(world.chain, "getApproved", REGION) == bob.address
    world.refused(
        "ERC721InsufficientApproval",
        bob,
        world.tierra,
        "transferFrom",
        world.operator.address,
        bob.address,
        REGION + 1,
    )
    for call in (("transferFrom", ann.address, eve.address, REGION), ("setUser", REGION, eve.address, 2**40)):
        world.refused("ERC721InsufficientApproval", eve, world.tierra, *call)
    move(world, bob, ann.address, eve.address, REGION)
    world.refused(
        "ERC721InsufficientApproval", bob, world.tierra, "transferFrom", eve.address, bob.address, REGION
    )
    assert world.tierra.call(world.chain, "getApproved", REGION) == NOBODY


def test_a_quad_move_wipes_approvals_inside(world: Any) -> None:
    ann, bob, eve = (world.person(name) for name in ("ann", "bob", "eve"))
    world.send(
        world.operator, world.tierra, "transferQuad", world.operator.address, ann.address, 2, REGION, False
    )
    world.send(ann, world.tierra, "approve", eve.address, REGION + 17)
    world.send(ann, world.tierra, "transferQuad", ann.address, bob.address, 2, REGION, False)
    world.refused(
        "ERC721InsufficientApproval", eve, world.tierra, "transferFrom", bob.address, eve.address, REGION + 17
    )
    assert owner(world, REGION + 17) == bob.address


def test_no_old_title_comes_back_after_a_quad_move(world: Any) -> None:
    ann, bob, eve = (world.person(name) for name in ("ann", "bob", "eve"))
    world.send(
        world.operator, world.tierra, "transferQuad", world.operator.address, ann.address, 1, REGION, False
    )
    for number in (REGION + 3, REGION + 9):
        move(world, ann, ann.address, bob.address, number)
        move(world, bob, bob.address, ann.address, number)
    world.send(ann, world.tierra, "transferQuad", ann.address, eve.address, 1, REGION, False)
    # The block has single titles again, so forgotten ones would count.
    move(world, eve, eve.address, bob.address, REGION + 5)
    owners = {owner(world, REGION + step) for step in range(16) if step != 5}
    assert owners == {eve.address}
    assert owner(world, REGION + 5) == bob.address


def test_a_move_tells_all_tokens_it_moved(world: Any) -> None:
    ann, treasury = world.person("ann").address, world.operator.address
    receipt = world.send(world.operator, world.tierra, "transferQuad", treasury, ann, 1, REGION, True)
    moved = [(event.name, event.args["tokenId"]) for event in world.events(receipt)]
    assert moved == [("Transfer", REGION + step) for step in range(16)]
    (event,) = world.events(
        world.send(world.operator, world.tierra, "transferQuad", treasury, ann, 2, REGION + 64, False)
    )
    assert event.name == "ConsecutiveTransfer"
    assert event.args == {
        "fromTokenId": REGION + 64,
        "toTokenId": REGION + 127,
        "fromAddress": treasury,
        "toAddress": ann,
    }
    assert world.tierra.call(world.chain, "quadOf", REGION + 100) == (2, REGION + 64)


# Creation code of contracts that answer every call: with the selector they were called by, or with nothing.
ECHO_SELECTOR = bytes.fromhex("6011600c60003960116000f3" + "60003560e01c60e01b60005260206000f3")
SILENT = bytes.fromhex("6001600c60003960016000f3" + "00")


@pytest.mark.parametrize(
    ("code", "accepted"), [(ECHO_SELECTOR, True), (SILENT, False)], ids=["accepts", "silent"]
)
def test_safe_moves_ask_the_receiving_contract(world: Any, code: bytes, accepted: bool) -> None:
    receipt = world.send_intent(world.operator, Intent("receiver", world.operator.address, None, code))
    to, treasury = receipt.contract_address, world.operator.address
    single = ("safeTransferFrom", treasury, to, REGION)
    quad = ("safeTransferQuad", treasury, to, 1, REGION + 16, False, b"hello")
    for function, *arguments in (single, quad):
        call = world.tierra.encode(function, *arguments)
        if accepted:
            world.send(world.operator, world.tierra, function, *arguments)
        else:
            with pytest.raises(ChainRevert):
                world.chain.call(world.tierra.address, call, treasury)
    assert world.tierra.call(world.chain, "balanceOf", to) == (17 if accepted else 0)
    ann = world.person("ann").address
    world.send(world.operator, world.tierra, "safeTransferQuad", treasury, ann, 1, REGION + 32, False, b"")
    assert owner(world, REGION + 40) == ann


def test_nothing_goes_to_the_mall_but_a_quad_by_the_safe_way(world: Any) -> None:
    treasury, mall = world.operator.address, world.land.mall.address
    for call in (
        ("transferFrom", treasury, mall, REGION),
        ("batchTransferFrom", treasury, mall, [REGION]),
        ("safeTransferFrom", treasury, mall, REGION),
        ("transferQuad", treasury, mall, 1, REGION, False),
    ):
        assert world.refused("ERC721InvalidReceiver", world.operator, world.tierra, *call) == {
            "receiver": mall
        }
    assert world.tierra.call(world.chain, "balanceOf", mall) == 0


def test_land_cannot_be_fused_before_its_mall_is_there(world: Any) -> None:
    treasury, nowhere = world.operator, world.person("nowhere").address
    receipt = world.send_intent(
        treasury, deploy_intent("other", treasury.address, "Tierra", treasury.address, nowhere)
    )
    assert receipt.contract_address is not None
    other = Contract("Tierra", receipt.contract_address)
    for contract, moved in ((other, False), (world.tierra, True)):
        call = contract.encode("safeTransferQuad", treasury.address, nowhere, 1, REGION, False, b"")
        assert world.chain.simulate(contract.address, call, sender=treasury.address).success is moved


def test_titles_and_approvals_of_an_earlier_owner_never_come_back(world: Any) -> None:
    ann, bob, eve = (world.person(name) for name in ("ann", "bob", "eve"))
    world.land.sell(ann, 2, REGION)
    move(world, ann, ann.address, bob.address, REGION + 3)
    world.send(bob, world.tierra, "approve", eve.address, REGION + 3)
    move(world, bob, bob.address, ann.address, REGION + 3)
    world.send(ann, world.tierra, "approve", bob.address, REGION + 4)
    # The block goes to a smaller quad and back to the large one, twice: each time under a new stamp.
    for _ in range(2):
        world.send(ann, world.tierra, "transferQuad", ann.address, ann.address, 1, REGION, False)
        world.send(ann, world.tierra, "transferQuad", ann.address, ann.address, 2, REGION, False)
        move(world, ann, ann.address, ann.address, REGION + 5)
        assert {owner(world, REGION + step) for step in range(16)} == {ann.address}
        assert world.tierra.call(world.chain, "getApproved", REGION + 3) == NOBODY
        assert world.tierra.call(world.chain, "getApproved", REGION + 4) == NOBODY
        assert world.tierra.call(world.chain, "quadOf", REGION + 3) == (2, REGION)
        assert world.tierra.call(world.chain, "quadOf", REGION + 5) == (0, REGION + 5)


def test_an_approval_can_be_taken_back_and_falls_with_a_quad_of_the_same_owner(world: Any) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    world.land.sell(ann, 1, REGION)
    for taken_back in (True, False):
        world.send(ann, world.tierra, "approve", bob.address, REGION + 1)
        assert world.tierra.call(world.chain, "getApproved", REGION + 1) == bob.address
        if taken_back:
            world.send(ann, world.tierra, "approve", NOBODY, REGION + 1)
        else:
            world.send(ann, world.tierra, "transferQuad", ann.address, ann.address, 1, REGION, False)
        assert world.tierra.call(world.chain, "getApproved", REGION + 1) == NOBODY
        world.refused(
            "ERC721InsufficientApproval",
            bob,
            world.tierra,
            "transferFrom",
            ann.address,
            bob.address,
            REGION + 1,
        )


def test_metadata_is_a_data_uri_that_says_where_a_tierra_lies(world: Any) -> None:
    number = (97 << 10) + 0b1001110011
    head, _, body = world.tierra.call(world.chain, "tokenURI", number).partition(",")
    assert head == "data:application/json"
    x, y = unmorton(number & 1023)
    assert json.loads(unquote(body)) == {
        "name": f"Tierra {number}",
        "description": f"15 m x 15 m in region 97, column {x}, row {y}",
    }
    assert quote(body, safe=":,%") == body
    world.refused("ERC721NonexistentToken", world.operator, world.tierra, "tokenURI", 100_100)


def unmorton(code: int) -> tuple[int, int]:
    digits = f"{code:010b}"
    return int(digits[1::2], 2), int(digits[::2], 2)


def test_a_treasury_of_nobody_or_of_the_mall_is_refused(world: Any) -> None:
    mall = world.tierra.call(world.chain, "mall")
    for treasury in (NOBODY, mall):
        intent = deploy_intent("nobody", world.operator.address, "Tierra", treasury, mall)
        assert not world.chain.simulate(None, intent.data, sender=intent.sender).success


LEVELS = st.integers(0, 4)
PEOPLE = st.integers(0, 2)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "move", "move", "approve", "rent"]),
        PEOPLE,
        PEOPLE,
        LEVELS,
        st.integers(0, 1023),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_land_agrees_with_a_model_of_single_tokens(
    new_world: Any, steps: list[tuple[str, int, int, int, int]]
) -> None:
    world = new_world()
    people = [world.operator, world.person("ann"), world.person("bob")]
    names = [person.address for person in people]
    owners = [0] * 1024
    approved: dict[int, int] = {}
    rents: dict[tuple[int, int], int] = {}
    until = world.chain.head().timestamp + DAY

    def run(who: int, function: str, *arguments: object) -> bool:
        intent = world.tierra.intent(function, names[who], function, *arguments)
        signed = world.chain.sign(intent, world.chain.nonce(names[who]), people[who])
        receipt = world.chain.receipt(world.chain.broadcast([signed.raw])[0])
        return bool(receipt.status)

    for action, who, to, level, place in steps:
        count = 1 if level == 0 else 4 << (2 * level)
        base = place // count * count
        part = range(base, base + count)
        owns = all(owners[number] == who for number in part)
        if action == "move":
            may = owns
            if level == 0:
                source = owners[base]
                may = owns or approved.get(base) == who
                done = run(who, "transferFrom", names[source], names[to], REGION + base)
            else:
                done = run(who, "transferQuad", names[who], names[to], level, REGION + base, level == 1)
            assert done is may
            if done:
                for number in part:
                    owners[number] = to
                    approved.pop(number, None)
        elif action == "approve":
            assert run(who, "approve", names[to], REGION + base) is (owners[base] == who)
            if owners[base] == who:
                approved[base] = to
        else:
            sizes = [(up, 1 if up == 0 else 4 << (2 * up)) for up in range(level, 5)]
            around = [
                rents[key] for up, size in sizes if (key := (up, base // size)) in rents and up != level
            ]
            same = rents.get((level, base // count))
            may = owns or (level == 0 and approved.get(base) == who)
            may = may and not around and same in (None, to)
            function, arguments = ("setUser", ()) if level == 0 else ("setQuadUser", (level,))
            assert run(who, function, *arguments, REGION + base, names[to], until) is may
            if may:
                rents[(level, base // count)] = to
    tenants = {}
    for (level, place), tenant in sorted(rents.items(), reverse=True):
        count = 1 if level == 0 else 4 << (2 * level)
        tenants.update(dict.fromkeys(range(place * count, (place + 1) * count), tenant))
    touched = {place for step in steps for place in (step[4], step[4] ^ 17)}
    for number in sorted(touched):
        assert owner(world, REGION + number) == names[owners[number]]
        tenant = names[tenants[number]] if number in tenants else NOBODY
        assert world.tierra.call(world.chain, "userOf", REGION + number) == tenant
        agent = names[approved[number]] if number in approved else NOBODY
        assert world.tierra.call(world.chain, "getApproved", REGION + number) == agent
    for index, name in enumerate(names):
        rest = 100_100 - 1024 if index == 0 else 0
        assert world.tierra.call(world.chain, "balanceOf", name) == owners.count(index) + rest
