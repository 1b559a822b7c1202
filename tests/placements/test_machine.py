"""Random acts by random people never lead to a running placement without review and land right."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from host.accounts.models import SYSTEM
from host.errors import MallError
from host.land.models import TitleMoved, UseGranted
from host.placements.models import Reason
from host.placements.rules import LIVING, PLACEMENT_FLOW
from host.storage import audit
from tests.packages.making import signed
from tests.placements.conftest import ADA, BOB, EVE, MOD, MOD2, REWARD, World

PEOPLE = st.sampled_from([ADA, BOB, EVE, MOD, MOD2, SYSTEM])
AUTHORS, HOLDERS, MODERATORS = (st.sampled_from(who) | PEOPLE for who in ([ADA], [BOB, EVE], [MOD, MOD2]))
NUMBER = st.integers(1, 4)
WHY = Reason("why", "rule@1", "proof")
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
ARCHIVES = {
    v: signed(version=v, cells=[2, 1], **({"optional": ["npc"]} if v == "1.2.0" else {})) for v in VERSIONS
}
MOVES = {(before, step.after) for (before, _), step in PLACEMENT_FLOW.items()}


class Mall(RuleBasedStateMachine):
    """`reviewed` and `asked_for` are kept here, from what services answered, not read from their tables."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name))
        self.reviewed: set[int] = set()
        self.dead: set[int] = set()
        self.passed: set[tuple[int, int]] = set()  # (placement, release) that a moderator enabled
        self.seen: dict[int, str] = {}

    def attempt(self, work):
        """What a unit of work answers, or None where it was refused."""
        try:
            return self.world.do(work)
        except MallError:
            return None

    @initialize(approved=st.integers(1, 3), running=st.booleans())
    def begin(self, approved, running):
        for number, version in enumerate(VERSIONS[:approved], 1):
            self.hand_in(version, ADA)
            self.review(number, MOD, "approve")
        if running:
            self.ask(1, BOB, 0)
            self.enable(1, MOD)

    @rule(version=st.sampled_from(VERSIONS), who=AUTHORS)
    def hand_in(self, version, who):
        inspected = self.world.packages.inspect(ARCHIVES[version])
        self.attempt(lambda tx: self.world.packages.submit(tx, who, inspected))

    @rule(
        release=NUMBER,
        who=MODERATORS,
        act=st.sampled_from(["approve", "approve", "changes", "revoke", "retire"]),
    )
    def review(self, release, who, act):
        packages = self.world.packages
        done = self.attempt(
            {
                "approve": lambda tx: packages.approve(tx, who, release),
                "changes": lambda tx: packages.request_changes(tx, who, release, "why"),
                "revoke": lambda tx: packages.revoke(tx, who, release, "why", "r@1", "x"),
                "retire": lambda tx: packages.retire(tx, who, release),
            }[act]
        )
        if done and act == "approve":
            assert who in (MOD, MOD2)
            self.reviewed.add(release)
        if done and done.state == "revoked":
            self.dead.add(release)
            self.world.do(lambda tx: self.world.placements.end_of_release(tx, release, WHY))

    @rule(release=NUMBER, who=HOLDERS, tierra=st.sampled_from([0, 1, 2, 6, 15]))
    def ask(self, release, who, tierra):
        made = self.attempt(lambda tx: self.world.placements.request(tx, who, release, tierra))
        assert made is None or release in self.reviewed - self.dead

    @rule(placement=NUMBER, who=MODERATORS)
    def enable(self, placement, who):
        done = self.attempt(lambda tx: self.world.placements.enable(tx, who, placement, REWARD))
        if done:
            assert who in (MOD, MOD2)
            self.passed.add((placement, done.release))

    @rule(
        placement=NUMBER,
        who=HOLDERS | MODERATORS,
        act=st.sampled_from(["pause", "resume", "suspend", "reinstate", "lapse", "decline", "retire"]),
    )
    def act(self, placement, who, act):
        service = self.world.placements
        self.attempt(
            {
                "pause": lambda tx: service.pause(tx, who, placement),
                "resume": lambda tx: service.resume(tx, who, placement),
                "suspend": lambda tx: service.suspend(tx, who, placement, WHY),
                "reinstate": lambda tx: service.reinstate(tx, who, placement),
                "lapse": lambda tx: service.lapse(tx, placement),
                "decline": lambda tx: service.decline(tx, who, placement, "why"),
                "retire": lambda tx: service.retire(tx, who, placement),
            }[act]
        )

    @rule(placement=NUMBER, release=NUMBER, who=HOLDERS)
    def update(self, placement, release, who):
        done = self.attempt(lambda tx: self.world.placements.change_release(tx, who, placement, release))
        if done and done.state == "enabled":
            assert release in self.reviewed - self.dead
            self.passed.add((placement, release))

    @rule(first=st.integers(0, 15), to=st.sampled_from([ADA, BOB, BOB, EVE]))
    def sell(self, first, to):
        self.world.do(lambda tx: self.world.land.apply(tx, TitleMoved(first, first, to.address)))
        self.world.do(lambda tx: self.world.placements.end_of_right(tx, first))

    @rule(first=st.integers(0, 15), to=st.sampled_from([BOB, EVE]), days=st.integers(0, 20))
    def rent(self, first, to, days):
        until = int(self.world.now) + days * 86_400
        self.world.do(lambda tx: self.world.land.apply(tx, UseGranted(first, first, to.address, until)))
        self.world.do(lambda tx: self.world.placements.end_of_right(tx, first))

    @rule(days=st.integers(1, 15))
    def wait(self, days):
        self.world.now += days * 86_400.0
        self.world.do(self.world.placements.end_lapsed_rights)

    @invariant()
    def nothing_runs_without_review_and_right(self):
        tx = self.world.tx
        taken: set[int] = set()
        for place in self.world.placements.living(tx):
            cells = {place.tierra, place.tierra ^ 1}
            assert not cells & taken
            taken |= cells
            for tierra in cells:
                assert self.world.land.holder(tx, tierra, tx.now).address == place.holder
                assert self.world.placements.at(tx, tierra).id == place.id
            if place.state == "enabled":
                assert (place.id, place.release) in self.passed
                assert place.release in self.reviewed - self.dead
                assert "reward.claim" in place.grants
            assert place.pools_frozen == (place.state == "suspended")
        assert taken == {row[0] for row in tx.all("select tierra from placement_cells")}

    @invariant()
    def every_move_is_one_of_the_flow(self):
        for row in self.world.tx.all("select id, state from placements"):
            before = self.seen.get(row["id"])
            assert before is None or before == row["state"] or self._reaches(before, row["state"])
            self.seen[row["id"]] = row["state"]

    def _reaches(self, before: str, after: str) -> bool:
        """Within two moves: a rule may act and then end rights."""
        return (before, after) in MOVES or any((before, s) in MOVES and (s, after) in MOVES for s in LIVING)

    def teardown(self):
        audit.verify(self.world.tx.all("select * from audit order by seq"))
        self.world.connection.close()
        self.folder.cleanup()


TestMall = Mall.TestCase
TestMall.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
