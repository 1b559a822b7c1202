"""Random acts by random people never lead to a running placement without review and land right."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from host.accounts.models import SYSTEM
from host.errors import MallError
from host.land.models import TitleMoved, UseGranted
from host.packages.rules import RELEASE_FLOW
from host.placements.models import Reason
from host.placements.rules import LIVING, PLACEMENT_FLOW
from host.storage import audit
from tests.packages.making import signed
from tests.placements.conftest import ADA, BOB, EVE, MOD, MOD2, REWARD, World

PEOPLE = st.sampled_from([ADA, BOB, EVE, MOD, MOD2, SYSTEM])
NUMBER = st.integers(0, 5)
ACTS = ["pause", "resume", "suspend", "reinstate", "lapse", "decline", "retire"]
CELLS = {0: {0, 1}, 1: {1, 4}, 2: {2, 3}, 6: {6, 7}, 14: {14, 15}}  # two cells eastwards
STRANGER = st.none() | st.none() | PEOPLE
RIGHT = {"holder": BOB, "creator": ADA}
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

    def has_right(self, place):
        """Whether its holder holds its two Tierra now."""
        tx = self.world.tx
        return all(self.world.land.holder(tx, t, tx.now).address == place.holder for t in CELLS[place.tierra])

    def attempt(self, work):
        """What a unit of work answers, or None where it was refused."""
        try:
            return self.world.do(work)
        except MallError:
            return None

    def person(self, flow, state, act, stranger):
        """Somebody who may do the act; `stranger` where there is one, or where nobody may."""
        step = flow.get((state, act))
        if stranger is not None or step is None:
            return stranger or MOD
        if "moderator" in step.actors:
            second = act == "reinstate" or (
                act == "revoke" and self.world.tx.one("select 1 from release_revocations")
            )
            return MOD2 if second else MOD
        return RIGHT[sorted(step.actors & set(RIGHT))[0]] if step.actors & set(RIGHT) else SYSTEM

    def chosen(self, number):
        """One of the living placements most of the time, an ended or missing one sometimes."""
        living = self.world.placements.living(self.world.tx)
        return living[number % len(living)].id if living and number < 5 else number

    @initialize()
    def begin(self):
        for number, version in enumerate(VERSIONS, 1):
            self.hand_in(version, ADA)
            if number < 3:
                self.review(number, None, "approve")
        self.ask(1, BOB, 0)
        self.enable(0, None, REWARD)

    @rule(version=st.sampled_from(VERSIONS), who=st.just(ADA) | PEOPLE)
    def hand_in(self, version, who):
        inspected = self.world.packages.inspect(ARCHIVES[version])
        self.attempt(lambda tx: self.world.packages.submit(tx, who, inspected))

    @rule(
        release=st.integers(1, 3),
        stranger=STRANGER,
        act=st.sampled_from(["approve", "changes", "revoke", "retire"]),
    )
    def review(self, release, stranger, act):
        packages = self.world.packages
        state = self.world.tx.value("select state from releases where id = ?", release)
        who = self.person(RELEASE_FLOW, state, {"changes": "request_changes"}.get(act, act), stranger)
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

    @rule(release=st.integers(1, 3), who=st.just(BOB) | PEOPLE, tierra=st.sampled_from(sorted(CELLS)))
    def ask(self, release, who, tierra):
        made = self.attempt(lambda tx: self.world.placements.request(tx, who, release, tierra))
        assert made is None or release in self.reviewed - self.dead

    @rule(number=NUMBER, stranger=STRANGER, granted=st.sampled_from([REWARD, REWARD, frozenset()]))
    def enable(self, number, stranger, granted):
        placement, who = self.chosen(number), stranger or MOD
        done = self.attempt(lambda tx: self.world.placements.enable(tx, who, placement, granted))
        if done:
            assert who in (MOD, MOD2)
            assert self.has_right(done)
            self.passed.add((placement, done.release))

    @rule(
        number=NUMBER,
        stranger=STRANGER,
        which=st.integers(0, 15),
        wild=st.none() | st.none() | st.sampled_from(ACTS),
    )
    def act(self, number, stranger, which, wild):
        service, placement = self.world.placements, self.chosen(number)
        state = self.world.tx.value("select state from placements where id = ?", placement)
        possible = [act for act in ACTS if (state, act) in PLACEMENT_FLOW] or ACTS
        act = wild or possible[which % len(possible)]
        who = self.person(PLACEMENT_FLOW, state, act, stranger)
        done = self.attempt(
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
        assert done is None or done.state != "enabled" or self.has_right(done)

    @rule(number=NUMBER, release=st.integers(1, 3), stranger=STRANGER)
    def update(self, number, release, stranger):
        placement, who = self.chosen(number), stranger or BOB
        done = self.attempt(lambda tx: self.world.placements.change_release(tx, who, placement, release))
        if done and done.state == "enabled":
            assert release in self.reviewed - self.dead
            assert self.has_right(done)
            # The third release asks for one capability more: a moderator must have seen it on this placement.
            assert release != 3 or (placement, 3) in self.passed
            self.passed.add((placement, release))

    @rule(first=st.integers(0, 15), to=st.sampled_from([ADA, BOB, BOB, EVE]))
    def sell(self, first, to):
        self.world.do(lambda tx: self.world.land.apply(tx, TitleMoved(first, first, to.address)))

    @rule(tierra=st.integers(0, 15))
    def end_right(self, tierra):
        ended = self.world.do(lambda tx: self.world.placements.end_of_right(tx, tierra))
        assert ended is None or not self.has_right(ended)

    @rule(first=st.integers(0, 15), to=st.sampled_from([BOB, EVE]), days=st.integers(0, 20))
    def rent(self, first, to, days):
        until = int(self.world.now) + days * 86_400
        self.world.do(lambda tx: self.world.land.apply(tx, UseGranted(first, first, to.address, until)))

    @rule(days=st.integers(1, 15))
    def wait(self, days):
        self.world.now += days * 86_400.0

    @rule()
    def sweep(self):
        self.world.do(self.world.placements.end_lapsed_rights)
        assert all(map(self.has_right, self.world.placements.living(self.world.tx)))

    @invariant()
    def nothing_runs_without_review_and_right(self):
        tx = self.world.tx
        taken: set[int] = set()
        for place in self.world.placements.living(tx):
            cells = CELLS[place.tierra]
            assert not cells & taken
            taken |= cells
            for tierra in cells:
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
TestMall.settings = settings(max_examples=40, stateful_step_count=40, deadline=None, phases=[Phase.generate])
