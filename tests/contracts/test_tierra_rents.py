"""Rents of Tierra: they end by themselves, and no owner, sale or other rent cuts them short."""

from __future__ import annotations

from typing import Any

from tests.contracts.land import DAY, NOBODY, Land, move, owner

REGION = 3 << 10


def test_standard_readers_can_be_told_of_a_quads_tenants(world: Any) -> None:
    small, large, anybody = (world.person(name) for name in ("small", "large", "anybody"))
    now = world.chain.head().timestamp
    world.send(world.operator, world.tierra, "setUser", REGION + 5, small.address, now + DAY)
    receipt = world.send(world.operator, world.tierra, "setQuadUser", 1, REGION, large.address, now + 3 * DAY)
    (event,) = world.events(receipt)
    assert event.name == "UpdateQuadUser"
    told = world.events(world.send(anybody, world.tierra, "announceUsers", 1, REGION))
    assert {event.name for event in told} == {"UpdateUser"}
    assert [event.args["tokenId"] for event in told] == list(range(REGION, REGION + 16))
    for event in told:
        who = small if event.args["tokenId"] == REGION + 5 else large
        assert event.args["user"] == who.address
        assert event.args["expires"] == now + (DAY if who is small else 3 * DAY)
    world.refused("QuadInvalid", anybody, world.tierra, "announceUsers", 2, REGION + 16)


def test_the_tenant_of_a_quad_is_its_own_or_that_of_a_larger_one(world: Any) -> None:
    small, large = world.person("small").address, world.person("large").address
    now = world.chain.head().timestamp
    world.send(world.operator, world.tierra, "setQuadUser", 1, REGION, small, now + DAY)
    world.send(world.operator, world.tierra, "setQuadUser", 3, REGION, large, now + 3 * DAY)
    told = {
        (level, base): tuple(world.tierra.call(world.chain, "quadUserOf", level, REGION + base))
        for level, base in ((1, 0), (1, 16), (2, 0), (3, 0), (4, 0), (5, 0))
    }
    assert told == {
        (1, 0): (small, now + DAY),
        (1, 16): (large, now + 3 * DAY),
        (2, 0): (large, now + 3 * DAY),
        (3, 0): (large, now + 3 * DAY),
        (4, 0): (NOBODY, 0),
        (5, 0): (NOBODY, 0),
    }


def test_an_operator_and_an_approved_account_may_rent_out(world: Any) -> None:
    ann, market, tenant = (world.person(name) for name in ("ann", "market", "tenant"))
    until = world.chain.head().timestamp + DAY
    Land(world).sell(ann, 1, REGION)
    rent = ("setUser", REGION, tenant.address, until)
    whole = ("setQuadUser", 1, REGION, tenant.address, until)
    world.refused("ERC721InsufficientApproval", market, world.tierra, *rent)
    world.send(ann, world.tierra, "approve", market.address, REGION)
    world.send(market, world.tierra, *rent)
    # An approval for one Tierra is none for its quad.
    world.refused("ERC721InsufficientApproval", market, world.tierra, *whole)
    world.send(ann, world.tierra, "setApprovalForAll", market.address, True)
    world.send(market, world.tierra, *whole)
    assert world.tierra.call(world.chain, "userOf", REGION + 15) == tenant.address


def test_a_rent_ends_by_itself(world: Any) -> None:
    tenant = world.person("tenant").address
    until = world.chain.head().timestamp + 7 * DAY
    world.send(world.operator, world.tierra, "setUser", REGION, tenant, until)
    assert world.tierra.call(world.chain, "userOf", REGION) == tenant
    assert world.tierra.call(world.chain, "userExpires", REGION) == until
    world.chain.increase_time(7 * DAY)
    assert world.tierra.call(world.chain, "userOf", REGION) == tenant
    world.chain.increase_time(1)
    assert world.tierra.call(world.chain, "userOf", REGION) == NOBODY
    assert world.tierra.call(world.chain, "userExpires", REGION) == 0


def test_a_running_rent_is_not_overridden_by_its_owner_nor_by_a_sale(world: Any) -> None:
    ann, tenant, other = (world.person(name) for name in ("ann", "tenant", "other"))
    until = world.chain.head().timestamp + 7 * DAY
    world.send(world.operator, world.tierra, "setUser", REGION, tenant.address, until)
    for user, expires in ((other.address, until + 1), (NOBODY, 0), (tenant.address, until - 1)):
        world.refused("RentRunning", world.operator, world.tierra, "setUser", REGION, user, expires)
    world.refused(
        "ERC721InsufficientApproval", tenant, world.tierra, "setUser", REGION, tenant.address, until + 1
    )
    world.send(world.operator, world.tierra, "setUser", REGION, tenant.address, until + DAY)
    move(world, world.operator, world.operator.address, ann.address, REGION)
    assert world.tierra.call(world.chain, "userOf", REGION) == tenant.address
    world.refused("RentRunning", ann, world.tierra, "setUser", REGION, ann.address, until + 9 * DAY)


def test_quad_rents_respect_the_rents_inside_and_around(world: Any) -> None:
    small, large = world.person("small").address, world.person("large").address
    now = world.chain.head().timestamp
    world.send(world.operator, world.tierra, "setUser", REGION + 5, small, now + DAY)
    world.send(world.operator, world.tierra, "setQuadUser", 2, REGION, large, now + 3 * DAY)
    who = [world.tierra.call(world.chain, "userOf", REGION + step) for step in (4, 5, 63, 64)]
    assert who == [large, small, large, NOBODY]
    # Neither a part of the rented quad, nor the quad itself, can go to somebody else; the small rent cannot be
    # prolonged.
    world.refused("RentRunning", world.operator, world.tierra, "setUser", REGION + 6, small, now + DAY)
    world.refused(
        "RentRunning", world.operator, world.tierra, "setQuadUser", 1, REGION + 16, small, now + DAY
    )
    world.refused("RentRunning", world.operator, world.tierra, "setQuadUser", 2, REGION, small, now + 9 * DAY)
    world.refused("RentRunning", world.operator, world.tierra, "setUser", REGION + 5, small, now + 9 * DAY)
    world.chain.increase_time(DAY + 1)
    assert world.tierra.call(world.chain, "userOf", REGION + 5) == large


def test_only_a_quad_of_one_owner_can_be_rented_whole(world: Any) -> None:
    ann = world.person("ann")
    now = world.chain.head().timestamp
    move(world, world.operator, world.operator.address, ann.address, REGION + 20)
    rent = (2, REGION, ann.address, now + DAY)
    world.refused("ERC721IncorrectOwner", world.operator, world.tierra, "setQuadUser", *rent)
    world.refused("ERC721InsufficientApproval", ann, world.tierra, "setQuadUser", *rent)
    move(world, ann, ann.address, world.operator.address, REGION + 20)
    world.send(world.operator, world.tierra, "setQuadUser", *rent)
    assert owner(world, REGION + 20) == world.operator.address
