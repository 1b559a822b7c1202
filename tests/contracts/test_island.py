"""Islands: a hundred names and sizes fixed in the code, sold whole, leased without custody."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from contracts import islands
from contracts.bindings import deploy_intent
from contracts.errors import ChainError
from tests.contracts.land import DAY, NOBODY, Land


@pytest.fixture
def land(world: Any) -> Land:
    return Land(world)


def test_the_solidity_list_is_written_from_the_data_file() -> None:
    assert islands.SOLIDITY.read_text(encoding="utf-8") == islands.render()


def test_every_island_has_the_name_and_size_of_the_list_and_no_two_the_same(land: Land) -> None:
    told = [
        (land.ask(land.island, "nameOf", number), land.ask(land.island, "sideOf", number))
        for number in range(1, 101)
    ]
    assert told == [(island.name, island.side_m) for island in islands.islands()]
    assert len({name for name, _ in told}) == len({side for _, side in told}) == 100
    # A few by hand: the test does not read them where the code does.
    by_hand = {1: "Aristotle", 40: "André-Marie Ampère", 71: "Marie Curie", 100: "Rosalind Franklin"}
    assert {number: told[number - 1][0] for number in by_hand} == by_hand


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("name", "Euclid", "no name twice"),
        ("name", 'a "quoted" name', "JSON"),
        ("name", "", "JSON"),
        ("side_m", 315, "no side twice"),
        ("side_m", 100, "times 15 m"),
        ("id", 7, "in order"),
    ],
)
def test_a_list_that_the_contract_could_not_hold_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, field: str, value: object, rule: str
) -> None:
    rows = json.loads(islands.LIST.read_text(encoding="utf-8"))
    rows[70][field] = value
    file = tmp_path / "islands.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    monkeypatch.setattr(islands, "LIST", file)
    with pytest.raises(ChainError, match=rule) as caught:
        islands.islands.__wrapped__()
    assert caught.value.code == "land.bad_islands"


def test_all_islands_start_with_the_treasury_by_a_transfer_each(world: Any, land: Land) -> None:
    treasury = world.operator.address
    assert land.ask(land.island, "balanceOf", treasury) == land.ask(land.island, "totalSupply") == 100
    assert {land.ask(land.island, "ownerOf", number) for number in (1, 50, 100)} == {treasury}
    events = [
        event
        for event in world.chain.events(0, world.chain.head().number, [land.island.address])
        if event.name == "Transfer"
    ]
    assert [event.args for event in events] == [
        {"from": NOBODY, "to": treasury, "tokenId": number} for number in range(1, 101)
    ]
    for function in ("ownerOf", "nameOf", "sideOf", "tokenURI", "userOf", "userExpires", "getApproved"):
        for number in (0, 101, 2**256 - 1):
            world.refused("ERC721NonexistentToken", world.operator, land.island, function, number)
    assert not world.chain.simulate(
        None, deploy_intent("nobody", treasury, "Island", NOBODY).data, sender=treasury
    ).success


def test_an_island_is_sold_whole_and_only_by_who_may(world: Any, land: Land) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    treasury = world.operator.address
    world.refused("ERC721InsufficientApproval", ann, land.island, "transferFrom", treasury, ann.address, 71)
    world.send(world.operator, land.island, "transferFrom", treasury, ann.address, 71)
    world.refused(
        "ERC721InsufficientApproval", world.operator, land.island, "transferFrom", ann.address, treasury, 71
    )
    world.send(ann, land.island, "approve", bob.address, 71)
    world.send(bob, land.island, "safeTransferFrom", ann.address, bob.address, 71)
    assert land.ask(land.island, "ownerOf", 71) == bob.address
    balances = [land.ask(land.island, "balanceOf", who) for who in (treasury, ann.address, bob.address)]
    assert balances == [99, 0, 1]


def test_metadata_is_a_data_uri(land: Land) -> None:
    head, _, body = land.ask(land.island, "tokenURI", 79).partition(",")
    assert head == "data:application/json;base64"
    side = f"{islands.islands()[78].side_m} m"
    assert json.loads(base64.b64decode(body)) == {
        "name": "Erwin Schrödinger Island",
        "description": f"Island 79 of 100 in mall.live, {side} x {side}",
    }
    assert [land.ask(land.island, each) for each in ("name", "symbol")] == ["Island", "ISLAND"]


def test_interfaces(land: Land) -> None:
    interfaces = [0x01FFC9A7, 0x80AC58CD, 0x5B5E139F, 0xAD092B5C, 0xFFFFFFFF]
    told = [land.ask(land.island, "supportsInterface", each.to_bytes(4, "big")) for each in interfaces]
    assert told == [True, True, True, True, False]


def test_a_lease_ends_by_itself_survives_a_sale_and_only_grows_for_its_tenant(world: Any, land: Land) -> None:
    ann, tenant, other = (world.person(name) for name in ("ann", "tenant", "other"))
    until = land.now + 7 * DAY
    lease = ("setUser", 71, tenant.address, until)
    world.refused("ERC721InsufficientApproval", tenant, land.island, *lease)
    receipt = world.send(world.operator, land.island, *lease)
    (event,) = (
        found
        for found in world.chain.events(receipt.block, receipt.block, [land.island.address])
        if found.tx_hash == receipt.tx_hash
    )
    assert (event.name, event.args) == (
        "UpdateUser",
        {"tokenId": 71, "user": tenant.address, "expires": until},
    )
    for user, expires in ((other.address, until + 1), (NOBODY, 0), (tenant.address, until - 1)):
        values = world.refused("LeaseRunning", world.operator, land.island, "setUser", 71, user, expires)
        assert values == {"id": 71, "tenant": tenant.address, "expires": until}
    world.send(world.operator, land.island, "setUser", 71, tenant.address, until + DAY)
    world.send(world.operator, land.island, "transferFrom", world.operator.address, ann.address, 71)
    world.refused("LeaseRunning", ann, land.island, "setUser", 71, ann.address, until + 9 * DAY)
    world.chain.increase_time(until + DAY - land.now)
    assert land.ask(land.island, "userOf", 71) == tenant.address
    assert land.ask(land.island, "userExpires", 71) == until + DAY
    world.chain.increase_time(1)
    assert land.ask(land.island, "userOf", 71) == NOBODY
    assert land.ask(land.island, "userExpires", 71) == 0
    world.send(ann, land.island, "setUser", 71, other.address, until + 9 * DAY)
    assert land.ask(land.island, "userOf", 71) == other.address
