"""Placements are asked for by a holder, enabled by a moderator, and end with the right to the land."""

from __future__ import annotations

from dataclasses import replace

import pytest

from host.accounts.models import SYSTEM
from host.errors import MallError
from host.events import PlacementChanged
from host.land.models import DeedMoved, TitleMoved
from host.placements import guards, rules
from host.placements.models import Reason
from host.placements.rules import PLACEMENT_FLOW
from host.storage import audit
from tests.packages.making import POOL, signed
from tests.placements.conftest import ADA, BOB, EVE, MOD, MOD2, REWARD, World

WHY = Reason("It flashes.", "safety-3@1", "recording 7")
ACTORS = {"moderator": MOD, "holder": BOB, "host": SYSTEM, "stranger": EVE, "author": ADA}


def refused(code: str, world: World, work) -> MallError:
    with pytest.raises(MallError) as caught:
        world.do(work)
    assert caught.value.code == code, caught.value
    return caught.value


def test_a_holder_asks_and_a_moderator_enables(world: World) -> None:
    release = world.release()
    place = world.request(release, settings={"round_seconds": 90})
    assert (place.state, place.holder, place.settings, place.grants) == (
        "requested", BOB.address, {"round_seconds": 90}, {"world.build", "match"},
    )  # fmt: skip
    place = world.do(lambda tx: world.placements.enable(tx, MOD, place.id, REWARD))
    assert place.state == "enabled"
    assert "reward.claim" in place.grants
    assert world.placements.get(world.tx, place.id) == place
    assert world.placements.at(world.tx, 5) == place
    assert world.placements.enabled(world.tx) == [place]
    moved = [(e.before, e.after, e.actor) for e in world.events if isinstance(e, PlacementChanged)]
    assert moved == [("", "requested", "account:2"), ("requested", "enabled", "account:4")]
    audit.verify(world.tx.all("select * from audit order by seq"))


def test_pools_are_there_with_exact_wei_before_anything_runs(world: World) -> None:
    place = world.request(world.release())
    assert [tuple(row) for row in world.tx.all("select * from pools")] == [
        (1, place.id, "daily", str(3 * 10**18), str(105 * 10**17), str(1000 * 10**18), 30, 20)
    ]


def test_only_the_holder_of_all_its_land_asks(world: World) -> None:
    release = world.release(cells=[2, 2])
    refused("land.not_holder", world, lambda tx: world.placements.request(tx, EVE, release.id, 0))
    refused("land.not_holder", world, lambda tx: world.placements.request(tx, SYSTEM, release.id, 0))
    world.rent(3, 3, EVE.address, 5000)
    refused("land.not_holder", world, lambda tx: world.placements.request(tx, BOB, release.id, 0))
    world.now = 5001.0
    assert world.request(release, 0).state == "requested"


def test_a_tenant_asks_like_an_owner(world: World) -> None:
    world.rent(3, 3, EVE.address, 5000)
    release = world.release()
    assert world.do(lambda tx: world.placements.request(tx, EVE, release.id, 3)).holder == EVE.address


def test_one_tierra_carries_one_placement(world: World) -> None:
    release = world.release(cells=[3, 3], top="")
    small = world.release(id="ada/small", version="1.0.0")
    world.request(release, 0)
    for tierra in (0, 12):
        error = refused(
            "placement.occupied", world, lambda tx, t=tierra: world.placements.request(tx, BOB, small.id, t)
        )
        assert error.facts["tierra"] == tierra
    assert world.request(small, 5 + 5).state == "requested"


def test_an_aligned_square_is_needed_for_a_large_one(world: World) -> None:
    release = world.release(cells=[8, 8])
    refused("land.footprint", world, lambda tx: world.placements.request(tx, BOB, release.id, 16))
    place = world.request(release, 64)
    assert world.tx.value("select count(*) from placement_cells where placement = ?", place.id) == 64


@pytest.mark.parametrize("state", ["scanned", "draft"])
def test_nothing_that_was_not_approved_is_placed(world: World, state: str) -> None:
    release = world.release(approved=False, lua="x = (" if state == "draft" else "return 1")
    assert release.state == state
    refused("placement.release_state", world, lambda tx: world.placements.request(tx, BOB, release.id, 5))


@pytest.mark.parametrize(
    "settings",
    [
        {"round_seconds": 9},
        {"round_seconds": "60"},
        {"round_seconds": True},
        {"other": 1},
        {"round_seconds": 1e400},
    ],
)
def test_settings_outside_the_form_are_refused_whole(world: World, settings: dict) -> None:
    release = world.release()
    refused(
        "placement.bad_setting",
        world,
        lambda tx: world.placements.request(tx, BOB, release.id, 5, settings),
    )
    assert world.placements.at(world.tx, 5) is None


def test_grants_come_from_those_who_may_give_them(world: World) -> None:
    release = world.release(required=["world.build", "match", "reward.claim", "npc"], optional=["bus", "ui"])

    def ask(*grants: str):
        return lambda tx: world.placements.request(tx, BOB, release.id, 5, grants=frozenset(grants))

    refused("placement.grant_missing", world, ask())
    refused("placement.grant_unknown", world, ask("npc", "ticket"))
    refused("placement.grant_unknown", world, ask("npc", "root"))
    refused("placement.grant_level", world, ask("npc", "reward.claim"))
    place = world.do(ask("npc"))
    assert place.grants == {"world.build", "match", "ui", "npc"}

    def enable(*grants: str):
        return lambda tx: world.placements.enable(tx, MOD, place.id, frozenset(grants))

    refused("placement.grant_missing", world, enable())
    refused("placement.grant_level", world, enable("reward.claim", "bus"))
    refused("placement.grant_unknown", world, enable("reward.claim", "net.fetch"))
    assert world.do(enable("reward.claim")).grants == place.grants | REWARD


def test_chance_is_enabled_for_adults_only_whatever_the_review_overlooked(world: World) -> None:
    inspected = replace(world.packages.inspect(signed(optional=["game.chance"])), findings=())
    made = world.do(lambda tx: world.packages.submit(tx, ADA, inspected))
    world.do(lambda tx: world.packages.approve(tx, MOD, made.id))
    place = world.request(made)
    refused(
        "placement.rating",
        world,
        lambda tx: world.placements.enable(tx, MOD, place.id, REWARD | {"game.chance"}),
    )
    assert world.do(lambda tx: world.placements.enable(tx, MOD, place.id, REWARD)).state == "enabled"


def test_a_request_is_declined_with_a_reason(world: World) -> None:
    place = world.request(world.release())
    refused("placement.reason_missing", world, lambda tx: world.placements.decline(tx, MOD, place.id, " "))
    declined = world.do(lambda tx: world.placements.decline(tx, MOD, place.id, "Too bright."))
    assert (declined.state, declined.reason) == ("declined", "Too bright.")
    assert world.request(world.release(id="ada/next")).tierra == place.tierra


def test_the_host_enables_by_rule_only_what_is_basic(world: World) -> None:
    basic = world.request(
        world.release(id="ada/basic", required=["world.build"], pool="", lua="return mall.world"), 9
    )
    assert world.do(lambda tx: world.placements.enable(tx, SYSTEM, basic.id)).state == "enabled"
    place = world.request(world.release())
    refused("placement.needs_review", world, lambda tx: world.placements.enable(tx, SYSTEM, place.id, REWARD))


def test_land_sold_or_rent_ended_before_the_moderator_looks_is_not_enabled(world: World) -> None:
    world.rent(3, 3, EVE.address, 5000)
    release = world.release()
    rented = world.do(lambda tx: world.placements.request(tx, EVE, release.id, 3))
    owned = world.request(release, 7)
    world.do(lambda tx: world.land.apply(tx, TitleMoved(7, 7, ADA.address)))
    world.now = 5001.0
    for place in (rented, owned):
        refused("land.not_holder", world, lambda tx, p=place: world.placements.enable(tx, MOD, p.id, REWARD))
    ended = world.do(world.placements.end_lapsed_rights)
    assert [p.id for p in ended] == [rented.id, owned.id]
    assert world.placements.living(world.tx) == []


def test_the_end_of_the_right_retires_what_is_covered_no_more(world: World) -> None:
    release = world.release(cells=[2, 2])
    place = world.enabled(release, 0)
    assert world.do(lambda tx: world.placements.end_of_right(tx, 0)) is None
    world.do(lambda tx: world.land.apply(tx, TitleMoved(3, 3, EVE.address)))
    ended = world.do(lambda tx: world.placements.end_of_right(tx, 0))
    assert ended is not None
    assert (ended.id, ended.state, ended.pools_frozen) == (place.id, "retired", True)
    assert world.placements.at(world.tx, 3) is None
    refused("placement.bad_transition", world, lambda tx: world.placements.resume(tx, BOB, place.id))


def test_who_composes_a_mall_keeps_what_stands_there_and_its_buyer_does_not(world: World) -> None:
    place = world.enabled(world.release())
    mall = DeedMoved("mall", 1 << 20, BOB.address)
    world.do(lambda tx: world.land.apply(tx, mall))
    assert world.do(world.placements.end_lapsed_rights) == []
    world.do(lambda tx: world.land.apply(tx, replace(mall, to=EVE.address)))
    assert [ended.id for ended in world.do(world.placements.end_lapsed_rights)] == [place.id]


def test_a_new_owner_does_not_command_the_old_placement(world: World) -> None:
    place = world.enabled(world.release())
    world.do(lambda tx: world.land.apply(tx, TitleMoved(5, 5, EVE.address)))
    for who in (BOB, EVE):
        refused("land.not_holder", world, lambda tx, who=who: world.placements.pause(tx, who, place.id))


def test_a_suspension_freezes_pools_until_somebody_else_hears_the_appeal(world: World) -> None:
    place = world.enabled(world.release())
    refused(
        "placement.reason_missing", world, lambda tx: world.placements.suspend(tx, MOD, place.id, Reason("x"))
    )
    refused("placement.needs_review", world, lambda tx: world.placements.suspend(tx, SYSTEM, place.id, WHY))
    place = world.do(lambda tx: world.placements.suspend(tx, MOD, place.id, WHY))
    assert (place.state, place.pools_frozen, place.suspended_by) == ("suspended", True, "account:4")
    refused("placement.second_moderator", world, lambda tx: world.placements.reinstate(tx, MOD, place.id))
    refused("account.not_allowed", world, lambda tx: world.placements.reinstate(tx, BOB, place.id))
    place = world.do(lambda tx: world.placements.reinstate(tx, MOD2, place.id))
    assert (place.state, place.pools_frozen, place.suspended_by) == ("enabled", False, "")


@pytest.mark.parametrize("safety", [True, False])
def test_a_suspension_lapses_at_its_deadline_unless_for_safety(world: World, safety: bool) -> None:
    place = world.enabled(world.release())
    world.do(lambda tx: world.placements.suspend(tx, MOD, place.id, WHY, safety=safety))
    refused("placement.still_suspended", world, lambda tx: world.placements.lapse(tx, place.id))
    world.now += rules.APPEAL_TIME
    due = world.placements.lapses_due(world.tx, world.now)
    if safety:
        assert due == []
        refused("placement.still_suspended", world, lambda tx: world.placements.lapse(tx, place.id))
    else:
        assert [p.id for p in due] == [place.id]
        assert world.do(lambda tx: world.placements.lapse(tx, place.id)).state == "enabled"


def test_a_revoked_release_stops_everywhere_and_for_good(world: World) -> None:
    release = world.release()
    running, asked = world.enabled(release, 5), world.request(release, 6)
    for who in (MOD, MOD2):
        world.do(lambda tx, who=who: world.packages.revoke(tx, who, release.id, "theft", "law-1@2", "letter"))
    stopped = world.do(lambda tx: world.placements.end_of_release(tx, release.id, WHY))
    assert [(p.id, p.state) for p in stopped] == [(running.id, "suspended"), (asked.id, "declined")]
    refused("placement.release_state", world, lambda tx: world.placements.reinstate(tx, MOD, running.id))
    refused("placement.release_state", world, lambda tx: world.placements.request(tx, BOB, release.id, 9))


def test_a_retired_release_serves_what_stands_but_nothing_new(world: World) -> None:
    release = world.release()
    place = world.enabled(release)
    world.do(lambda tx: world.placements.pause(tx, BOB, place.id))
    world.do(lambda tx: world.packages.retire(tx, ADA, release.id))
    assert world.do(lambda tx: world.placements.resume(tx, BOB, place.id)).state == "enabled"
    refused("placement.release_state", world, lambda tx: world.placements.request(tx, BOB, release.id, 9))


def test_an_update_without_new_power_stays_enabled(world: World) -> None:
    place = world.enabled(world.release(), settings={"round_seconds": 90})
    newer = world.release(version="1.1.0")
    place = world.do(lambda tx: world.placements.change_release(tx, BOB, place.id, newer.id))
    assert (place.state, place.version, place.settings, place.release) == (
        "enabled", "1.1.0", {"round_seconds": 90}, newer.id,
    )  # fmt: skip
    assert "reward.claim" in place.grants


@pytest.mark.parametrize(
    "change",
    [
        {"required": ["world.build", "match", "reward.claim", "ui"]},
        {"pool": POOL.replace("total = 1000", "total = 1001")},
        {"optional": ["game.chance"], "lua": "return 1"},
    ],
)
def test_an_update_with_new_power_is_requested_again_without_restricted_grants(
    world: World, change: dict
) -> None:
    place = world.enabled(world.release())
    if "optional" in change:
        change = {"optional": ["npc"]}
    newer = world.release(version="1.1.0", **change)
    place = world.do(lambda tx: world.placements.change_release(tx, BOB, place.id, newer.id))
    assert place.state == "requested"
    assert "reward.claim" not in place.grants
    assert world.placements.at(world.tx, 5) == place
    assert world.tx.value("select count(*) from pools") == 1


def test_an_update_to_another_package_or_room_is_refused(world: World) -> None:
    place = world.enabled(world.release())
    for other in (world.release(id="ada/other"), world.release(version="2.0.0", cells=[2, 1])):
        refused(
            "placement.other_package",
            world,
            lambda tx, r=other: world.placements.change_release(tx, BOB, place.id, r.id),
        )


def test_a_store_is_kept_within_its_quota(world: World) -> None:
    place = world.request(world.release())
    assert world.placements.load_store(world.tx, place.id) is None
    world.do(lambda tx: world.placements.save_store(tx, place.id, b"one"))
    world.do(lambda tx: world.placements.save_store(tx, place.id, b"x" * 65536))
    refused("store.quota", world, lambda tx: world.placements.save_store(tx, place.id, b"x" * 65537))
    assert world.placements.load_store(world.tx, place.id) == b"x" * 65536
    refused("placement.unknown", world, lambda tx: world.placements.save_store(tx, 99, b""))


def test_every_guard_of_the_flow_exists_and_every_guard_is_used() -> None:
    assert {g for s in PLACEMENT_FLOW.values() for g in s.guards} == set(guards.GUARDS)


def test_the_flow_is_the_one_of_the_creator_api() -> None:
    moves = {(before, s.after) for (before, _), s in PLACEMENT_FLOW.items()}
    assert moves == {
        ("", "requested"), ("requested", "enabled"), ("requested", "declined"), ("enabled", "paused"),
        ("paused", "enabled"), ("enabled", "suspended"), ("paused", "suspended"), ("suspended", "enabled"),
        ("enabled", "enabled"), ("enabled", "requested"), ("requested", "retired"), ("enabled", "retired"),
        ("paused", "retired"), ("suspended", "retired"),
    }  # fmt: skip


@pytest.mark.parametrize("act", sorted(rules.ACTS - {"request", "request_update"}))
@pytest.mark.parametrize("state", sorted(rules.STATES))
def test_every_state_and_act_does_what_the_flow_says_and_only_for_whom_it_says(
    world: World, state: str, act: str
) -> None:
    release = world.release()
    place = world.enabled(release)
    world.connection.execute("update placements set state = ? where id = ?", (state, place.id))
    world.connection.execute(
        "update placements set suspended_by = 'account:5', until = 1 where id = ?", (place.id,)
    )
    acts = {
        "enable": lambda tx, who: world.placements.enable(tx, who, place.id, REWARD),
        "decline": lambda tx, who: world.placements.decline(tx, who, place.id, "No."),
        "pause": lambda tx, who: world.placements.pause(tx, who, place.id),
        "resume": lambda tx, who: world.placements.resume(tx, who, place.id),
        "suspend": lambda tx, who: world.placements.suspend(tx, who, place.id, WHY, safety=True),
        "reinstate": lambda tx, who: world.placements.reinstate(tx, who, place.id),
        "lapse": lambda tx, who: world.placements.lapse(tx, place.id),
        "update": lambda tx, who: world.placements.change_release(tx, who, place.id, release.id),
        "retire": lambda tx, who: world.placements.retire(tx, who, place.id),
    }
    wanted = PLACEMENT_FLOW.get((state, act))
    for name, who in ACTORS.items():
        if act == "lapse" and who is not SYSTEM:
            continue  # nobody else can ask for it

        outcome = tried(world, lambda tx, who=who: acts[act](tx, who))
        if wanted is None:
            assert outcome == "placement.bad_transition"
        elif name in wanted.actors:
            by_rule = (name, act) == ("host", "enable")
            assert outcome == ("placement.needs_review" if by_rule else wanted.after)
        else:
            assert outcome in ("account.not_allowed", "land.not_holder")
    assert world.placements.get(world.tx, place.id).state == state


def tried(world: World, work) -> str:
    """The state or error code that an act leads to; the act is undone."""
    world.connection.execute("savepoint tried")
    try:
        return world.do(work).state
    except MallError as error:
        return error.code
    finally:
        world.connection.execute("rollback to tried")
        world.connection.execute("release tried")


def test_settings_and_grants_are_values_of_the_row(world: World) -> None:
    place = world.request(world.release())
    assert replace(place) == world.placements.of_holder(world.tx, BOB.address)[0]
