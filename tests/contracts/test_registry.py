"""Registry: digests are added, never changed, and belong to who anchored them."""

from __future__ import annotations

import pytest

from tests.contracts.trade import Town

RELEASE, LISTING, TRANSIT, AUDIT = range(4)
DIGESTS = [bytes([number]) * 32 for number in range(1, 6)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


def test_a_batch_is_anchored_with_author_kind_and_time(town: Town) -> None:
    ann = town.person("ann")
    town.now += 7
    receipt = town.send(ann, town.registry, "anchor", LISTING, DIGESTS)
    for digest in DIGESTS:
        assert town.ask(town.registry, "anchoredAt", ann.address, LISTING, digest) == town.now
        assert town.ask(town.registry, "anchoredAt", ann.address, RELEASE, digest) == 0
    told = [(event.name, *event.args.values()) for event in town.events(receipt, town.registry)]
    assert told == [("DigestAnchored", ann.address, LISTING, digest) for digest in DIGESTS]


def test_a_digest_keeps_its_first_time_and_a_batch_with_it_is_refused_whole(town: Town) -> None:
    bob = town.person("bob")
    town.send(bob, town.registry, "anchor", TRANSIT, DIGESTS[:1])
    first = town.now
    town.now += 100
    values = town.refused(
        "DigestAnchoredBefore", bob, town.registry, "anchor", TRANSIT, [DIGESTS[1], DIGESTS[0]]
    )
    assert values == {"kind": TRANSIT, "digest": DIGESTS[0], "anchoredOn": first}
    assert town.ask(town.registry, "anchoredAt", bob.address, TRANSIT, DIGESTS[1]) == 0
    town.refused("DigestAnchoredBefore", bob, town.registry, "anchor", TRANSIT, [DIGESTS[2]] * 2)


def test_nobody_occupies_a_digest_of_another(town: Town) -> None:
    eve, cy = town.person("eve"), town.person("cy")
    town.send(eve, town.registry, "anchor", AUDIT, DIGESTS[:1])
    town.now += 1
    town.send(cy, town.registry, "anchor", AUDIT, DIGESTS[:1])
    assert town.ask(town.registry, "anchoredAt", eve.address, AUDIT, DIGESTS[0]) == town.now - 1
    assert town.ask(town.registry, "anchoredAt", cy.address, AUDIT, DIGESTS[0]) == town.now


def test_only_known_kinds_and_batches_with_something_in_them(town: Town) -> None:
    ann = town.person("ann")
    town.refused("BatchEmpty", ann, town.registry, "anchor", RELEASE, [])
    town.refused("Unknown", ann, town.registry, "anchor", 4, DIGESTS)
