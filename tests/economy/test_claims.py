"""A claim is booked with its reservation, or stored as rejected with the rule's code; a replay changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from host.economy import claims, ledger
from host.economy.models import CLAIM_FLOW
from host.errors import MallError
from host.events import ClaimChanged
from host.hookspecs import Finding
from tests.economy.conftest import HERE, LIVE, add_pool, address, request

DAY = 86_400


def fund(write, pool: int, wei: int) -> None:
    write(
        lambda tx: ledger.post(
            tx, "test.funded", f"test:{pool}:{wei}", {"chain:vault:0x1": -wei, f"pool:{pool}": wei}
        )
    )


@pytest.fixture
def pools(write):
    write(
        lambda tx: add_pool(
            tx,
            1,
            per_claim=5 * LIVE,
            per_player_day=8 * LIVE,
            total=14 * LIVE,
            cooldown=10.0,
            min_presence=30.0,
        )
    )
    write(lambda tx: add_pool(tx, 2, name="open", placement=2))
    fund(write, 1, 13 * LIVE)
    fund(write, 2, 4 * LIVE)


@pytest.fixture
def file(write, pools):
    return lambda asked, standing=HERE, findings=(): write(
        lambda tx: claims.file(tx, asked, standing, findings)
    )


def test_an_accepted_claim_reserves_its_amount(file, rows, published) -> None:
    claim = file(request(amount="3.5"))
    assert (claim.state, claim.amount, claim.reason, claim.pool) == (
        "booked",
        3_500_000_000_000_000_000,
        "",
        1,
    )
    assert ledger.balance(rows, "pool:1") == 9_500_000_000_000_000_000
    assert ledger.balance(rows, "pool_reserved:1") == 3_500_000_000_000_000_000
    told = [event for event in published if isinstance(event, ClaimChanged)]
    assert [(e.claim, e.before, e.after, e.amount) for e in told] == [
        (claim.id, "filed", "booked", claim.amount)
    ]
    assert claims.pending(rows, 7) == claim.amount
    ledger.check(rows)


def test_a_replayed_claim_answers_with_the_first_decision(file, rows, clock, published) -> None:
    first = file(request())
    clock.now += 100
    assert file(request(), replace(HERE, enabled=False)) == first
    assert ledger.balance(rows, "pool_reserved:1") == 3 * LIVE
    assert len([event for event in published if isinstance(event, ClaimChanged)]) == 1


def test_a_replayed_key_with_other_content_is_refused(file) -> None:
    file(request())
    with pytest.raises(MallError) as caught:
        file(request(amount="4"))
    assert caught.value.code == "claim.key_reused"


@pytest.mark.parametrize(
    ("changes", "standing", "code"),
    [
        ({"pool": "weekly"}, HERE, "reward.unknown_pool"),
        ({"pool": "open"}, HERE, "reward.unknown_pool"),  # a pool of another placement
        ({"amount": "0"}, HERE, "reward.no_amount"),
        ({"amount": "-1"}, HERE, "amount.bad"),
        ({"amount": "1e18"}, HERE, "amount.bad"),
        ({"amount": "0.0000000000000000001"}, HERE, "amount.bad"),
        ({"amount": "5.000000000000000001"}, HERE, "reward.claim_cap"),
        ({"address": "0x12"}, HERE, "reward.bad_address"),
        ({"address": "0x" + "0" * 40}, HERE, "reward.bad_address"),
        ({}, replace(HERE, enabled=False), "reward.not_enabled"),
        ({}, replace(HERE, granted=False), "reward.not_granted"),
        ({}, replace(HERE, present=False), "reward.not_present"),
        ({}, replace(HERE, presence=29.9), "reward.presence"),
    ],
)
def test_a_refused_claim_is_stored_with_its_rule_and_reserves_nothing(
    file, rows, changes, standing, code
) -> None:
    claim = file(request(**changes), standing)
    assert (claim.state, claim.reason) == ("rejected", code)
    assert claim.detail
    assert claims.get(rows, claim.id) == claim
    assert ledger.balance(rows, "pool_reserved:1") == 0


def test_a_claim_at_the_ceiling_passes(file) -> None:
    assert file(request(amount="5"), replace(HERE, presence=30.0)).state == "booked"


def test_the_cooldown_is_of_one_player(file, clock) -> None:
    assert file(request(1)).state == "booked"
    clock.now += 9.9
    assert file(request(2)).reason == "reward.cooldown"
    assert file(request(3, player=8, address=address(8))).state == "booked"
    clock.now += 0.2
    assert file(request(4)).state == "booked"


def test_a_players_day_begins_at_midnight_utc(file, clock) -> None:
    clock.now = 10 * DAY - 20
    assert file(request(1, amount="5")).state == "booked"
    clock.now += 10
    assert file(request(2, amount="3.000000000000000001")).reason == "reward.player_cap"
    assert file(request(3, amount="3")).state == "booked"
    clock.now += 10
    assert file(request(4, amount="5")).state == "booked"


def test_the_total_is_of_all_players_and_the_pool_never_overdrawn(file, rows, write) -> None:
    states = [file(request(n, player=n, address=address(n), amount="5")) for n in range(1, 4)]
    assert [claim.reason for claim in states] == ["", "", "reward.total_cap"]
    assert file(request(4, player=4, address=address(4), amount="4")).reason == "reward.pool_empty"
    assert file(request(5, player=5, address=address(5), amount="3")).state == "booked"
    assert claims.left(rows, 1) == 0


def test_what_is_left_for_a_player_is_the_tightest_ceiling(file, rows, clock) -> None:
    pool = claims.find_pool(rows, 1, "daily")
    assert claims.left_for(rows, pool, 7, clock.now) == 8 * LIVE  # the player's day
    file(request(1, amount="5"))
    assert claims.left_for(rows, pool, 7, clock.now) == 3 * LIVE
    file(request(2, player=8, address=address(8), amount="5"))
    assert claims.left_for(rows, pool, 9, clock.now) == 3 * LIVE  # what is in the pool
    assert claims.left_for(rows, pool, 7, clock.now + DAY) == 3 * LIVE


def test_a_plugins_blocking_finding_rejects(file) -> None:
    remark, block = Finding("warn", "fraud.odd", "Odd."), Finding("block", "fraud.bot", "Walks like a bot.")
    assert file(request(1), findings=[remark]).state == "booked"
    rejected = file(request(2, player=8, address=address(8)), findings=[remark, block])
    assert (rejected.state, rejected.reason, rejected.detail) == (
        "rejected",
        "fraud.bot",
        "Walks like a bot.",
    )


def test_a_withdrawn_claim_frees_its_reservation_and_its_ceilings(file, write, rows, clock) -> None:
    claim = file(request(amount="5"))
    write(lambda tx: claims.withdraw(tx, claim, claims.Refusal("reward.pool_returned", "Taken back.")))
    assert claims.get(rows, claim.id).reason == "reward.pool_returned"
    assert claims.left(rows, 1) == 13 * LIVE
    clock.now += 20
    assert file(request(2, amount="5")).state == "booked"
    ledger.check(rows)


def test_claims_take_no_step_that_the_flow_does_not_know(file, write) -> None:
    claim = file(request())
    for state in {"filed", "settled", "paid", "booked", "nowhere"}:
        with pytest.raises(MallError) as caught:
            write(lambda tx, state=state: claims.advance(tx, claim, state))
        assert caught.value.code == "claim.bad_move"
    assert set().union(*CLAIM_FLOW.values()) <= CLAIM_FLOW.keys()
