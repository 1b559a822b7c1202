"""Releases are reviewed by somebody else, revoked by two, and never change under their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from host.accounts.models import CREATOR, MODERATOR, SYSTEM, Actor
from host.errors import MallError
from host.events import ReleaseChanged
from host.hookspecs import Finding
from host.packages import guards, rules, store
from host.packages.models import Release
from host.packages.rules import RELEASE_FLOW, TRUST_AFTER
from host.storage import audit
from tests.packages.making import KEYS, signed
from tests.placements.conftest import ADA, BOB, MOD, MOD2, World

BOTH = replace(ADA, roles=ADA.roles | {MODERATOR})
EVE = Actor(3, "eve", KEYS["eve"].address, frozenset({CREATOR}))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.connection.close()


def refused(code: str, world: World, work) -> MallError:
    with pytest.raises(MallError) as caught:
        world.do(work)
    assert caught.value.code == code, caught.value
    return caught.value


def submit(world: World, actor: Actor = ADA, key=KEYS["ada"], **changes) -> Release:
    inspected = world.packages.inspect(signed(key, **changes))
    return world.do(lambda tx: world.packages.submit(tx, actor, inspected))


def test_the_straight_path_is_audited_and_told(world: World) -> None:
    release = world.release()
    told = [(e.before, e.after, e.actor) for e in world.events if isinstance(e, ReleaseChanged)]
    assert told == [
        ("", "draft", "account:1"), ("draft", "submitted", "account:1"), ("submitted", "scanned", "host"),
        ("scanned", "approved", "account:4"),
    ]  # fmt: skip
    assert (release.state, release.signer, release.reviewer) == ("approved", ADA.address, "account:4")
    assert world.packages.open(release).manifest.id == release.package
    rows = world.tx.all("select * from audit order by seq")
    audit.verify(rows)
    assert [row["action"] for row in rows] == [
        f"release.{a}" for a in ("create", "submit", "scan", "approve")
    ]


def test_a_blocking_finding_sends_back_with_all_findings_and_a_better_draft_follows(world: World) -> None:
    first = submit(world, lua="x = (\nmall.net.fetch{}")
    assert first.state == "draft"
    error = world.packages.blocked(world.tx, first)
    assert error is not None
    assert (error.code, error.facts["count"]) == ("package.findings", 2)
    assert "package.lua_syntax" in error.message
    assert "package.capability_missing" in error.message
    refused("release.bad_transition", world, lambda tx: world.packages.approve(tx, MOD, first.id))
    second = submit(world)
    assert (second.id, second.state) == (first.id, "scanned")
    assert second.digest != first.digest
    assert world.packages.blocked(world.tx, second) is None


def test_findings_of_plugins_count(world: World) -> None:
    inspected = world.packages.inspect(signed())
    more = replace(inspected, findings=(Finding("block", "words.bad", "A bad word.", "init.lua:1"),))
    assert world.do(lambda tx: world.packages.submit(tx, ADA, more)).state == "draft"


def test_the_same_content_again_is_the_same_release(world: World) -> None:
    release = world.release()
    told = len(world.events)
    assert submit(world) == release
    assert len(world.events) == told


def test_a_version_never_changes_its_content(world: World) -> None:
    world.release()
    refused("package.version_taken", world, lambda tx: submit(world, lua="return 1"))


def test_a_name_belongs_to_its_first_signer(world: World) -> None:
    submit(world)
    for actor, key in ((EVE, KEYS["eve"]), (EVE, KEYS["ada"]), (ADA, KEYS["eve"])):
        refused(
            "package.not_yours",
            world,
            lambda tx, a=actor, k=key: submit(world, a, k, id="ada/other", version="1.0.0"),
        )
    assert submit(world, EVE, KEYS["eve"], id="eve/mine").state == "scanned"
    assert store.author_address(world.tx, "ada") == ADA.address


def test_nobody_takes_a_name_by_a_refused_hand_in(world: World) -> None:
    refused("package.not_yours", world, lambda tx: submit(world, EVE, KEYS["ada"]))
    refused("account.not_allowed", world, lambda tx: submit(world, BOB, KEYS["bob"]))
    assert world.tx.value("select count(*) from package_authors") == 0


def test_the_host_hands_in_shipped_packages_signed_by_anybody(world: World) -> None:
    assert submit(world, SYSTEM, KEYS["eve"], id="mall/shipped").signer == KEYS["eve"].address
    refused("package.not_yours", world, lambda tx: submit(world, SYSTEM, KEYS["ada"], id="mall/other"))


def test_nobody_reviews_their_own_release(world: World) -> None:
    release = submit(world)
    refused("account.not_allowed", world, lambda tx: world.packages.approve(tx, ADA, release.id))
    for act in (
        lambda tx: world.packages.approve(tx, BOTH, release.id),
        lambda tx: world.packages.request_changes(tx, BOTH, release.id, "why"),
        lambda tx: world.packages.reject(tx, BOTH, release.id, "why", "r@1", "e"),
        lambda tx: world.packages.approve(tx, replace(MOD, address=ADA.address), release.id),
        lambda tx: world.packages.approve(tx, replace(MOD, account=ADA.account), release.id),
    ):
        refused("release.own", world, act)


def test_changes_are_asked_for_and_made(world: World) -> None:
    release = submit(world)
    refused(
        "release.reason_missing", world, lambda tx: world.packages.request_changes(tx, MOD, release.id, " ")
    )
    world.do(lambda tx: world.packages.request_changes(tx, MOD, release.id, "Less light, please."))
    again = submit(world, lua="return mall.world, mall.match, mall.rewards")
    assert (again.id, again.state) == (release.id, "scanned")
    assert world.packages.waiting(world.tx) == [again]


def test_a_rejection_names_its_rule_and_is_final(world: World) -> None:
    release = submit(world)
    refused(
        "release.reason_missing", world, lambda tx: world.packages.reject(tx, MOD, release.id, "No.", "", "x")
    )
    refused(
        "release.reason_missing", world, lambda tx: world.packages.reject(tx, MOD, release.id, "No.", "r@1")
    )
    assert (
        world.do(lambda tx: world.packages.reject(tx, MOD, release.id, "No.", "r@1", "x")).state == "rejected"
    )
    assert submit(world).state == "rejected"
    refused("package.version_taken", world, lambda tx: submit(world, lua="return 1"))


def test_revoking_takes_two_and_denies_the_content_for_good(world: World) -> None:
    release = world.release()

    def revoke(who: Actor):
        return lambda tx: world.packages.revoke(tx, who, release.id, "theft", "law-1@2", "letter")

    refused("account.not_allowed", world, revoke(ADA))
    assert world.do(revoke(MOD)).state == "approved"
    refused("release.second_person", world, revoke(MOD))
    refused("release.second_person", world, revoke(replace(MOD2, address=MOD.address)))
    assert world.do(revoke(MOD2)).state == "revoked"
    assert store.denied(world.tx, release.digest) == "theft"
    refused("release.bad_transition", world, lambda tx: world.packages.retire(tx, ADA, release.id))
    other = submit(world, version="1.0.1")
    world.do(lambda tx: store.deny(tx, other.digest, "theft"))
    refused("package.denied", world, lambda tx: world.packages.approve(tx, MOD, other.id))


def test_a_dependency_must_be_there(world: World) -> None:
    needs = '[depends]\n"ada/lib" = ">=1.2.0 <2.0.0"'
    assert submit(world, more=needs).state == "draft"
    world.release(id="ada/lib", version="1.3.0")
    assert submit(world, more=needs).state == "scanned"


def test_trust_is_earned_by_reviews_and_lost_by_a_rejection(world: World) -> None:
    basic = {"required": ["world.build"], "pool": "", "lua": "return mall.world"}
    for n in range(TRUST_AFTER):
        assert submit(world, version=f"0.{n}.0", **basic).state == "scanned"
        world.release(version=f"0.{n}.0", **basic)
    assert submit(world, version="1.0.0", **basic).state == "approved"
    risky = submit(world, version="1.1.0")
    assert risky.state == "scanned"
    world.do(lambda tx: world.packages.reject(tx, MOD, risky.id, "No.", "r@1", "x"))
    world.do(lambda tx: world.packages.retire(tx, ADA, risky.id))
    assert submit(world, version="1.2.0", **basic).state == "scanned"


def test_every_guard_of_the_flow_exists_and_every_guard_is_used() -> None:
    assert {g for s in RELEASE_FLOW.values() for g in s.guards} == set(guards.GUARDS)


def test_the_flow_is_the_one_of_the_creator_api() -> None:
    moves = {(before, s.after) for (before, _), s in RELEASE_FLOW.items() if s.after != "retired"}
    assert moves == {
        ("", "draft"), ("draft", "submitted"), ("submitted", "scanned"), ("scanned", "draft"),
        ("scanned", "approved"), ("scanned", "changes_requested"), ("changes_requested", "draft"),
        ("scanned", "rejected"), ("approved", "revoked"),
    }  # fmt: skip
    assert {before for (before, act) in RELEASE_FLOW if act == "retire"} == rules.STATES - {
        "revoked",
        "retired",
    }


@pytest.mark.parametrize("state", sorted(rules.STATES))
@pytest.mark.parametrize("act", ["approve", "request_changes", "reject", "revoke", "retire"])
def test_every_state_and_act_does_what_the_flow_says_and_only_for_whom_it_says(
    world: World, state: str, act: str
) -> None:
    release = submit(world)
    world.connection.execute("update releases set state = ? where id = ?", (state, release.id))
    world.do(lambda tx: store.ask_revocation(tx, release.id, MOD2, "why", "r@1"))
    acts = {
        "approve": lambda tx, who: world.packages.approve(tx, who, release.id),
        "request_changes": lambda tx, who: world.packages.request_changes(tx, who, release.id, "why"),
        "reject": lambda tx, who: world.packages.reject(tx, who, release.id, "why", "r@1", "x"),
        "revoke": lambda tx, who: world.packages.revoke(tx, who, release.id, "why", "r@1", "x"),
        "retire": lambda tx, who: world.packages.retire(tx, who, release.id),
    }
    wanted = RELEASE_FLOW.get((state, act))
    for who in (ADA, BOB, EVE, MOD, SYSTEM):
        world.connection.execute("savepoint tried")
        try:
            outcome = world.do(lambda tx, who=who: acts[act](tx, who)).state
        except MallError as error:
            outcome = error.code
        world.connection.execute("rollback to tried")
        world.connection.execute("release tried")
        if wanted is None:
            assert outcome == "release.bad_transition"
        elif not who.roles & wanted.actors:
            assert outcome == "account.not_allowed"
        else:
            assert outcome == ("package.not_yours" if who is EVE else wanted.after)
