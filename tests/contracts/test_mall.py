"""Malls: quads fused to one title and taken apart again, against a model of single tokens."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.bindings import deploy_intent
from tests.contracts.land import DAY, NOBODY, Land, title

REGION = 3 << 10
SIZES = {1: 16, 2: 64, 3: 256, 4: 1024}


@pytest.fixture
def land(world: Any) -> Land:
    return Land(world)


def events(land: Land, receipt: Any) -> list[Any]:
    found = land.world.chain.events(receipt.block, receipt.block, [land.tierra.address, land.mall.address])
    return [event for event in found if event.tx_hash == receipt.tx_hash]


@pytest.mark.parametrize("level", SIZES)
def test_a_quad_becomes_a_title_and_the_title_the_quad_again(world: Any, land: Land, level: int) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    land.sell(ann, level, REGION)
    receipt = land.compose(ann, level, REGION)
    mall = title(level, REGION)
    told = [(event.name, event.address) for event in events(land, receipt)]
    assert told == [
        ("ConsecutiveTransfer", land.tierra.address),
        ("Transfer", land.mall.address),
        ("MallComposed", land.mall.address),
    ]
    assert events(land, receipt)[-1].args == {
        "id": mall,
        "owner": ann.address,
        "level": level,
        "base": REGION,
    }
    assert land.ask(land.mall, "idOf", level, REGION) == mall
    assert land.ask(land.mall, "quadOf", mall) == (level, REGION)
    last = REGION + SIZES[level] - 1
    assert {land.owner(number) for number in (REGION, last)} == {land.mall.address}
    assert [land.ask(land.mall, "mallOf", number) for number in (REGION, last, REGION - 1)] == [mall, mall, 0]
    assert land.ask(land.tierra, "balanceOf", land.mall.address) == SIZES[level]
    world.send(ann, land.mall, "transferFrom", ann.address, bob.address, mall)
    world.refused("ERC721InsufficientApproval", ann, land.mall, "decompose", mall, False)
    receipt = world.send(bob, land.mall, "decompose", mall, False)
    assert events(land, receipt)[1].args == {
        "id": mall,
        "owner": bob.address,
        "level": level,
        "base": REGION,
    }
    assert {land.owner(number) for number in (REGION, last)} == {bob.address}
    assert land.ask(land.tierra, "quadOf", last) == (level, REGION)
    world.refused("ERC721NonexistentToken", bob, land.mall, "ownerOf", mall)
    world.refused("ERC721NonexistentToken", bob, land.mall, "decompose", mall, False)
    land.compose(bob, level, REGION)
    assert land.ask(land.mall, "ownerOf", mall) == bob.address


def test_a_mall_is_fused_of_single_tierra_and_strict_readers_are_told_of_each(world: Any, land: Land) -> None:
    ann = world.person("ann")
    numbers = list(range(REGION, REGION + 16))
    world.send(
        world.operator, land.tierra, "batchTransferFrom", world.operator.address, ann.address, numbers[1:]
    )
    refused = world.refused(
        "ERC721IncorrectOwner",
        ann,
        land.tierra,
        "safeTransferQuad",
        ann.address,
        land.mall.address,
        1,
        REGION,
        True,
        b"",
    )
    assert refused == {"sender": ann.address, "tokenId": REGION, "owner": world.operator.address}
    land.sell(ann, 0, REGION)
    receipt = land.compose(ann, 1, REGION, per_token=True)
    moved = [
        event.args["tokenId"]
        for event in events(land, receipt)
        if (event.name, event.address) == ("Transfer", land.tierra.address)
    ]
    assert moved == numbers
    receipt = world.send(ann, land.mall, "decompose", title(1, REGION), True)
    moved = [
        event.args
        for event in events(land, receipt)
        if (event.name, event.address) == ("Transfer", land.tierra.address)
    ]
    assert moved == [{"from": land.mall.address, "to": ann.address, "tokenId": number} for number in numbers]


def test_members_are_locked_while_fused(world: Any, land: Land) -> None:
    ann, eve = world.person("ann"), world.person("eve")
    land.sell(ann, 2, REGION)
    world.send(ann, land.tierra, "setApprovalForAll", eve.address, True)
    world.send(ann, land.tierra, "approve", eve.address, REGION + 1)
    land.compose(ann, 2, REGION)
    assert land.ask(land.tierra, "getApproved", REGION + 1) == NOBODY
    for who in (ann, eve):
        for source in (ann.address, land.mall.address):
            for call in (
                ("transferFrom", source, who.address, REGION + 1),
                ("transferQuad", source, who.address, 1, REGION, False),
                ("transferQuad", source, who.address, 2, REGION, False),
                ("safeTransferQuad", source, land.mall.address, 1, REGION, False, b""),
            ):
                intent = land.tierra.encode(*call)
                answer = world.chain.simulate(land.tierra.address, intent, sender=who.address)
                assert not answer.success
        world.refused("ERC721InvalidApprover", who, land.tierra, "approve", who.address, REGION + 1)
        world.refused(
            "ERC721InsufficientApproval", who, land.tierra, "setUser", REGION + 1, who.address, land.now + DAY
        )
        world.refused(
            "ERC721InsufficientApproval",
            who,
            land.tierra,
            "setQuadUser",
            2,
            REGION,
            who.address,
            land.now + DAY,
        )


def test_nobody_gets_a_title_without_land(world: Any, land: Land) -> None:
    eve = world.person("eve")
    call = ("onTierraQuadReceived", eve.address, eve.address, 1, REGION, b"")
    assert world.refused("NotTierra", eve, land.mall, *call) == {"caller": eve.address}
    world.refused(
        "ERC721InsufficientApproval",
        eve,
        land.tierra,
        "safeTransferQuad",
        world.operator.address,
        land.mall.address,
        1,
        REGION,
        False,
        b"",
    )
    world.refused("ERC721NonexistentToken", eve, land.mall, "ownerOf", title(1, REGION))
    for function in ("tokenURI", "userOf", "userExpires", "getApproved"):
        world.refused("ERC721NonexistentToken", eve, land.mall, function, title(1, REGION))


def test_an_operator_composes_for_the_owner_and_decomposes_to_the_owner(world: Any, land: Land) -> None:
    ann, agent, one = (world.person(name) for name in ("ann", "agent", "one"))
    land.sell(ann, 1, REGION)
    world.send(ann, land.tierra, "setApprovalForAll", agent.address, True)
    world.send(
        agent,
        land.tierra,
        "safeTransferQuad",
        ann.address,
        land.mall.address,
        1,
        REGION,
        False,
        b"ignored",
    )
    mall = title(1, REGION)
    assert land.ask(land.mall, "ownerOf", mall) == ann.address
    world.refused("ERC721InsufficientApproval", agent, land.mall, "decompose", mall, False)
    world.send(ann, land.mall, "approve", one.address, mall)
    world.send(one, land.mall, "decompose", mall, False)
    assert land.owner(REGION) == ann.address


def test_a_title_cannot_be_lost_in_the_land_contracts(world: Any, land: Land) -> None:
    ann = world.person("ann")
    land.sell(ann, 1, REGION)
    land.compose(ann, 1, REGION)
    for sink in (land.mall.address, land.tierra.address):
        world.refused(
            "ERC721InvalidReceiver",
            ann,
            land.mall,
            "transferFrom",
            ann.address,
            sink,
            title(1, REGION),
        )


def test_rents_that_run_go_on_through_composing_selling_and_decomposing(world: Any, land: Land) -> None:
    ann, bob, small, large, other = (world.person(name) for name in ("ann", "bob", "small", "large", "other"))
    land.sell(ann, 2, REGION)
    until = land.now + 30 * DAY
    mall = title(2, REGION)
    world.send(ann, land.tierra, "setUser", REGION + 5, small.address, until)
    land.compose(ann, 2, REGION)
    assert land.ask(land.tierra, "userOf", REGION + 5) == small.address
    assert land.ask(land.mall, "userOf", mall) == NOBODY
    receipt = world.send(ann, land.mall, "setUser", mall, large.address, until + DAY)
    told = events(land, receipt)
    assert [event.name for event in told] == ["UpdateQuadUser", "UpdateUser"]
    assert told[1].args == {"tokenId": mall, "user": large.address, "expires": until + DAY}
    world.send(ann, land.mall, "transferFrom", ann.address, bob.address, mall)

    def tenants() -> list[str]:
        return [land.ask(land.tierra, "userOf", number) for number in (REGION + 5, REGION + 6, REGION + 64)]

    assert tenants() == [small.address, large.address, NOBODY]
    assert land.ask(land.mall, "userOf", mall) == large.address
    assert land.ask(land.mall, "userExpires", mall) == until + DAY
    for user, expires in ((other.address, until + 9 * DAY), (NOBODY, 0), (large.address, until)):
        world.refused("RentRunning", bob, land.mall, "setUser", mall, user, expires)
    world.send(bob, land.mall, "setUser", mall, large.address, until + 2 * DAY)
    world.send(bob, land.mall, "decompose", mall, False)
    assert tenants() == [small.address, large.address, NOBODY]
    world.refused("RentRunning", bob, land.tierra, "setQuadUser", 2, REGION, other.address, until + 9 * DAY)
    land.compose(bob, 2, REGION)
    assert land.ask(land.mall, "userExpires", mall) == until + 2 * DAY
    world.chain.increase_time(30 * DAY + 2 * DAY)
    assert land.ask(land.mall, "userOf", mall) == large.address
    world.chain.increase_time(1)
    assert land.ask(land.mall, "userOf", mall) == NOBODY
    assert tenants() == [NOBODY] * 3


def test_a_larger_rent_around_a_mall_holds_for_it(world: Any, land: Land) -> None:
    ann, tenant, other = (world.person(name) for name in ("ann", "tenant", "other"))
    land.sell(ann, 3, REGION)
    until = land.now + DAY
    world.send(ann, land.tierra, "setQuadUser", 3, REGION, tenant.address, until)
    land.compose(ann, 2, REGION)
    mall = title(2, REGION)
    assert land.ask(land.mall, "userOf", mall) == tenant.address
    values = world.refused("RentRunning", ann, land.mall, "setUser", mall, other.address, until + DAY)
    assert (values["level"], values["tenant"]) == (3, tenant.address)


def test_parts_of_a_mall_are_rented_out_one_by_one(world: Any, land: Land) -> None:
    ann, agent, shop, hall = (world.person(name) for name in ("ann", "agent", "shop", "hall"))
    land.sell(ann, 2, REGION)
    land.compose(ann, 2, REGION)
    mall, until = title(2, REGION), land.now + DAY
    world.refused(
        "ERC721InsufficientApproval", agent, land.mall, "setPartUser", mall, 0, REGION, shop.address, until
    )
    world.send(ann, land.mall, "setApprovalForAll", agent.address, True)
    world.send(agent, land.mall, "setPartUser", mall, 0, REGION, shop.address, until)
    world.send(ann, land.mall, "setPartUser", mall, 1, REGION + 48, hall.address, until)
    tenants = [land.ask(land.tierra, "userOf", REGION + step) for step in (0, 1, 47, 48, 63, 64)]
    assert tenants == [shop.address, NOBODY, NOBODY, hall.address, hall.address, NOBODY]
    world.refused("RentRunning", ann, land.mall, "setPartUser", mall, 0, REGION + 50, shop.address, until)
    world.refused("QuadInvalid", ann, land.mall, "setPartUser", mall, 1, REGION + 8, shop.address, until)
    # The squares on both sides are Malls too, but not hers.
    for base in (REGION - 64, REGION + 64):
        land.sell(agent, 2, base)
        land.compose(agent, 2, base)
    outside = [
        (2, REGION),
        (3, REGION),
        (0, REGION + 64),
        (1, REGION + 64),
        (0, REGION - 1),
        (1, REGION - 16),
    ]
    for level, base in outside:
        values = world.refused(
            "PartInvalid", ann, land.mall, "setPartUser", mall, level, base, shop.address, until
        )
        assert values == {"id": mall, "level": level, "base": base}


def test_a_mall_knows_only_the_tierra_that_knows_it(world: Any, land: Land) -> None:
    sender = world.operator.address
    again = deploy_intent("again", sender, "Mall", land.tierra.address)
    assert not world.chain.simulate(None, again.data, sender=sender).success
    assert land.ask(land.mall, "tierra") == land.tierra.address
    assert land.ask(land.tierra, "mall") == land.mall.address


def test_metadata_and_interfaces(world: Any, land: Land) -> None:
    land.sell(world.person("ann"), 3, REGION)
    land.compose(world.person("ann"), 3, REGION)
    head, _, body = land.ask(land.mall, "tokenURI", title(3, REGION)).partition(",")
    assert head == "data:application/json"
    assert json.loads(unquote(body)) == {
        "name": f"Mall 16 x 16 at Tierra {REGION}",
        "description": "A square of 256 Tierra of mall.live",
    }
    assert quote(body, safe=":,%") == body
    assert [land.ask(land.mall, each) for each in ("name", "symbol")] == ["Mall", "MALL"]
    interfaces = [0x01FFC9A7, 0x80AC58CD, 0x5B5E139F, 0xAD092B5C, 0xFFFFFFFF]
    told = [land.ask(land.mall, "supportsInterface", each.to_bytes(4, "big")) for each in interfaces]
    assert told == [True, True, True, True, False]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "quad", "compose", "compose", "decompose", "sell"]),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(1, 3),
        st.integers(0, 255),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=12, deadline=None)
@given(steps=STEPS)
def test_malls_agree_with_a_model_of_single_tokens(
    new_world: Any, steps: list[tuple[str, int, int, int, int]]
) -> None:
    land = Land(new_world())
    world, people = land.world, [land.world.person("ann"), land.world.person("bob")]
    names = [person.address for person in people]
    land.sell(people[0], 3, REGION)
    owners: list[str] = [names[0]] * 256
    malls: dict[tuple[int, int], str] = {}

    def run(who: int, contract: Any, function: str, *arguments: object) -> bool:
        intent = contract.intent(function, names[who], function, *arguments)
        signed = world.chain.sign(intent, world.chain.nonce(names[who]), people[who])
        return bool(world.chain.receipt(world.chain.broadcast([signed.raw])[0]).status)

    for action, who, to, level, place in steps:
        count = SIZES[level]
        base = place // count * count
        me, other, mall, key = names[who], names[to], land.mall.address, (level, base)
        may = owners[base : base + count] == [me] * count
        quad = (level, REGION + base, False)
        if action == "move":
            may = owners[place] == me
            assert run(who, land.tierra, "transferFrom", me, other, REGION + place) is may
            if may:
                owners[place] = other
        elif action == "quad":
            assert run(who, land.tierra, "transferQuad", me, other, *quad) is may
            if may:
                owners[base : base + count] = [other] * count
        elif action == "compose":
            assert run(who, land.tierra, "safeTransferQuad", me, mall, *quad, b"") is may
            if may:
                owners[base : base + count] = [mall] * count
                malls[key] = me
        elif action == "decompose":
            may = malls.get(key) == me
            assert run(who, land.mall, "decompose", title(level, REGION + base), False) is may
            if may:
                owners[base : base + count] = [me] * count
                del malls[key]
        else:
            may = malls.get(key) == me
            assert run(who, land.mall, "transferFrom", me, other, title(level, REGION + base)) is may
            if may:
                malls[key] = other
    for number in range(0, 256, 5):
        assert land.owner(REGION + number) == owners[number]
    for level, count in SIZES.items():
        for base in range(0, 256 if level < 4 else 0, count):
            told = world.chain.simulate(
                land.mall.address, land.mall.encode("ownerOf", title(level, REGION + base))
            )
            assert told.success is ((level, base) in malls)
    for name in (*names, land.mall.address):
        assert land.ask(land.tierra, "balanceOf", name) == owners.count(name)
    for name in names:
        assert land.ask(land.mall, "balanceOf", name) == list(malls.values()).count(name)
