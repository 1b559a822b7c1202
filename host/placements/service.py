"""Placements: asked for by a holder, enabled per parcel by a moderator, ended when the right to the land ends."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from host import notices
from host.accounts import rules as accounts
from host.accounts.models import SYSTEM, Actor
from host.errors import MallError
from host.events import PlacementChanged
from host.land import atlas
from host.land.rules import footprint
from host.land.service import Land
from host.packages.capabilities import of_level
from host.packages.flow import step
from host.packages.form import fill
from host.packages.limits import allowance
from host.packages.service import Packages
from host.placements import fault_store, faults, rules, store
from host.placements.faults import FaultNote
from host.placements.guards import GUARDS, NO_REASON, Case
from host.placements.models import Placement, Reason
from host.storage.rows import Rows
from host.storage.tx import Tx


class Placements:
    """The register of placements.

    Every act checks its transition (`rules.PLACEMENT_FLOW`), who acts, and the guards; then it writes one audit row
    and tells one PlacementChanged. All acts raise account.not_allowed, land.not_holder, placement.unknown and
    placement.bad_transition where those apply.

    Args:
        seeds: random seeds of placements, 63 bits.
    """

    def __init__(
        self, packages: Packages, land: Land, seeds: Callable[[int], int] = secrets.randbits
    ) -> None:
        self._packages = packages
        self._land = land
        self._seeds = seeds

    def request(
        self,
        tx: Tx,
        actor: Actor,
        release: int,
        tierra: int,
        settings: Mapping[str, Any] | None = None,
        grants: frozenset[str] = frozenset(),
    ) -> Placement:
        """Ask for a release on the land from `tierra` on (its smallest corner). `grants`: sensitive capabilities.

        Raises:
            MallError: release.unknown, package.lost, placement.release_state, placement.occupied,
                placement.bad_setting, placement.grant_unknown, placement.grant_level, placement.grant_missing,
                land.unknown, land.footprint.
        """
        found = self._packages.get(tx, release)
        manifest = self._packages.manifest(found)
        room = manifest.footprint
        place = Placement(
            id=0, release=found.id, package=found.package, version=found.version, digest=found.digest, tierra=tierra,
            width=room.width, depth=room.depth, holder=actor.address, grants=frozenset(), settings={}, state="",
            seed=self._seeds(63), pools_frozen=False, suspended_by="", safety=False, until=0.0, reason="",
            created=tx.now, changed=tx.now,
        )  # fmt: skip
        cells = footprint(tierra, room.width, room.depth)
        after = self._check(Case(tx, "request", actor, place, found, self._packages, self._land))
        place = replace(
            place,
            state=after,
            settings=fill(manifest.settings, settings or {}),
            grants=rules.holder_grants(manifest, grants),
        )
        place = replace(place, id=store.insert(tx, place))
        store.occupy(tx, place.id, cells)
        store.put_pools(tx, place.id, manifest.pools)
        self._record(tx, "request", actor, place, "")
        return place

    def enable(
        self, tx: Tx, actor: Actor, placement: int, restricted: frozenset[str] = frozenset(), reason: str = ""
    ) -> Placement:
        """Let it run, with the restricted capabilities that are granted on this parcel; a moderator's act.

        Raises:
            MallError: placement.release_state, placement.grant_unknown, placement.grant_level,
                placement.grant_missing, placement.rating, placement.needs_review, package.lost.
        """
        place, case = self._open(tx, "enable", actor, placement, Reason(reason))
        granted = rules.moderator_grants(case.manifest, restricted)
        return self._move(replace(case, restricted=granted), grants=place.grants | granted)

    def decline(self, tx: Tx, actor: Actor, placement: int, reason: str) -> Placement:
        """Refuse a request; a moderator's act. Raises also placement.reason_missing."""
        return self._move(self._open(tx, "decline", actor, placement, Reason(reason))[1])

    def pause(self, tx: Tx, actor: Actor, placement: int, reason: str = "") -> Placement:
        """Stop it for now; the holder's act, or the host's after faults."""
        return self._move(self._open(tx, "pause", actor, placement, Reason(reason))[1])

    def resume(self, tx: Tx, actor: Actor, placement: int) -> Placement:
        """Let a paused one run again. Raises also placement.release_state."""
        return self._move(self._open(tx, "resume", actor, placement)[1])

    def suspend(
        self, tx: Tx, actor: Actor, placement: int, reason: Reason, *, safety: bool = False
    ) -> Placement:
        """Stop it against the holder's will and freeze its pools; a moderator's act, or the host's for safety.

        Without `safety` it lapses after 14 days. Raises also placement.reason_missing, placement.needs_review.
        """
        case = replace(self._open(tx, "suspend", actor, placement, reason)[1], safety=safety)
        return self._move(
            case, pools_frozen=True, suspended_by=actor.ref, safety=safety, until=tx.now + rules.APPEAL_TIME
        )

    def reinstate(self, tx: Tx, actor: Actor, placement: int, reason: str = "") -> Placement:
        """Grant an appeal: another moderator lets it run again.

        Raises also placement.second_moderator, placement.release_state.
        """
        return self._move(self._open(tx, "reinstate", actor, placement, Reason(reason))[1], **_FREE)

    def lapse(self, tx: Tx, placement: int) -> Placement:
        """End a suspension whose deadline has passed; the host's act. Raises also placement.still_suspended."""
        return self._move(self._open(tx, "lapse", SYSTEM, placement)[1], **_FREE)

    def change_release(
        self,
        tx: Tx,
        actor: Actor,
        placement: int,
        release: int,
        settings: Mapping[str, Any] | None = None,
        grants: frozenset[str] | None = None,
    ) -> Placement:
        """Move an enabled placement to another release of its package. Settings and grants carry over where not given.

        It stays enabled where the release asks for nothing new; else it is requested again and loses its restricted
        grants until a moderator looks.

        Raises also placement.other_package, placement.release_state, placement.bad_setting and the grants' errors.
        """
        place, old = self._open(tx, "update", actor, placement)
        found = self._packages.get(tx, release)
        manifest = self._packages.manifest(found)
        case = replace(old, release=found, before=old.release)
        given = rules.carried_settings(manifest, place.settings) | dict(settings or {})
        kept = place.grants & manifest.capabilities
        sensitive = of_level(kept, "sensitive") if grants is None else grants
        restricted = of_level(kept, "restricted")
        if self._has_new_power(case):
            case, restricted = replace(case, act="request_update"), frozenset()
        moved = self._move(
            case,
            release=found.id,
            version=found.version,
            digest=found.digest,
            settings=fill(manifest.settings, given),
            grants=rules.holder_grants(manifest, sensitive) | restricted,
        )
        store.put_pools(tx, placement, manifest.pools)
        return moved

    def retire(self, tx: Tx, actor: Actor, placement: int, reason: str = "") -> Placement:
        """End it and free its land; the holder's act, or the host's. Its store stays readable for the holder."""
        case = self._open(tx, "retire", actor, placement, Reason(reason))[1]
        return self._move(case, pools_frozen=True)

    def end_of_right(self, tx: Tx, tierra: int) -> Placement | None:
        """Retire what stands on a Tierra when its holder holds not all of its land any more. Call on LandChanged."""
        place = store.at(tx, tierra)
        if place is None or self._has_right(tx, place):
            return None
        return self.retire(tx, SYSTEM, place.id, "The right to the land has ended.")

    def end_lapsed_rights(self, tx: Tx) -> list[Placement]:
        """Retire every placement whose holder lost the right to its land, by a sale or by the clock (rents end so)."""
        return [
            self.retire(tx, SYSTEM, place.id, "The right to the land has ended.")
            for place in store.in_states(tx, rules.LIVING)
            if not self._has_right(tx, place)
        ]

    def end_of_release(self, tx: Tx, release: int, reason: Reason) -> list[Placement]:
        """Stop all placements of a revoked release: running ones are suspended for safety, requests are declined."""
        moved = []
        for place in store.of_release(tx, release):
            if place.state in ("enabled", "paused"):
                moved.append(self.suspend(tx, SYSTEM, place.id, reason, safety=True))
            elif place.state == "requested":
                moved.append(self.decline(tx, SYSTEM, place.id, reason.text))
        return moved

    def note_faults(self, tx: Tx, placement: int, notes: Sequence[FaultNote]) -> str:
        """Keep faults. Too many strikes pause the placement: holder and author get a notice, the strikes are spent.

        Returns the notice, "" where nothing was paused.

        Raises:
            MallError: placement.unknown.
        """
        place = self.get(tx, placement)
        for note in notes:
            fault_store.note(tx, placement, place.version, note)
        new = [note for note in notes if faults.counts(note.code)]
        if not new or place.state != "enabled":
            return ""
        struck = [faults.Strike(n.last, n.code) for n in new for _ in range(min(n.times, faults.STRIKES))]
        strikes = faults.remembered([*fault_store.strikes(tx, placement), *struck], tx.now)
        why = faults.verdict(strikes, tx.now)
        fault_store.set_strikes(tx, placement, [] if why else strikes)
        return self._pause_for(tx, place, new[-1], why) if why else ""

    def _pause_for(self, tx: Tx, place: Placement, note: FaultNote, why: faults.Verdict) -> str:
        author = self._packages.get(tx, place.release).signer
        where = f"Tierra {place.tierra} ({atlas.address(place.tierra)})"
        what = f"{place.package} {place.version} on {where}, placement {place.id},"

        def text(author: bool, holder: bool) -> str:
            return faults.pause_text(note, why, what=what, placement=place.id, author=author, holder=holder)

        for address in dict.fromkeys((place.holder, author)):
            told = text(author=address == author, holder=address == place.holder)
            notices.send(tx, address, place.ref, "placement.paused", told)
        reason = f"{note.code}: {note.message} {note.place}".strip()
        self.pause(tx, SYSTEM, place.id, f"{reason} ({why.times} times in {why.seconds:.0f} s)")
        return text(author=True, holder=True)

    def faults(self, rows: Rows, placement: int) -> list[tuple[str, FaultNote]]:
        """The last faults of a placement with the version that made them, newest first."""
        return fault_store.faults(rows, placement)

    def save_store(self, tx: Tx, placement: int, data: bytes) -> None:
        """Keep a snapshot of what the placement remembers.

        Raises:
            MallError: placement.unknown, store.quota.
        """
        place = self.get(tx, placement)
        limit = allowance(place.width * place.depth).store_kib * 1024
        if len(data) > limit:
            raise MallError(
                "store.quota", f"The store has {len(data):,} bytes; {limit:,} are allowed.", limit=limit
            )
        store.put_store(tx, placement, data)

    def load_store(self, rows: Rows, placement: int) -> bytes | None:
        """The last snapshot, or None."""
        return store.get_store(rows, placement)

    def get(self, rows: Rows, placement: int) -> Placement:
        """The placement with this id.

        Raises:
            MallError: placement.unknown.
        """
        found = store.by_id(rows, placement)
        if found is None:
            raise MallError("placement.unknown", f"There is no placement {placement}.", placement=placement)
        return found

    def at(self, rows: Rows, tierra: int) -> Placement | None:
        """The living placement that covers a Tierra."""
        return store.at(rows, tierra)

    def living(self, rows: Rows) -> list[Placement]:
        """All that occupy land, oldest first."""
        return store.in_states(rows, rules.LIVING)

    def enabled(self, rows: Rows) -> list[Placement]:
        """All that run, oldest first."""
        return store.in_states(rows, ("enabled",))

    def waiting(self, rows: Rows) -> list[Placement]:
        """The moderators' queue, oldest first."""
        return store.in_states(rows, ("requested",))

    def lapses_due(self, rows: Rows, now: float) -> list[Placement]:
        """Suspensions whose deadline has passed at `now` (seconds, UTC); call `lapse` for each."""
        return [p for p in store.in_states(rows, ("suspended",)) if not p.safety and p.until <= now]

    def of_holder(self, rows: Rows, holder: str) -> list[Placement]:
        """All of one holder's, ended ones too, oldest first."""
        return store.of_holder(rows, holder)

    def _has_new_power(self, case: Case) -> bool:
        try:
            GUARDS["no_new_power"](case)
        except MallError as refused:
            if refused.code != "placement.new_power":
                raise
            return True
        return False

    def _has_right(self, tx: Tx, place: Placement) -> bool:
        try:
            self._land.require_holder(
                tx, place.holder, footprint(place.tierra, place.width, place.depth), tx.now
            )
        except MallError:
            return False
        return True

    def _open(
        self, tx: Tx, act: str, actor: Actor, placement: int, reason: Reason = NO_REASON
    ) -> tuple[Placement, Case]:
        place = self.get(tx, placement)
        step(rules.PLACEMENT_FLOW, "placement", place.state, act)
        release = self._packages.get(tx, place.release)
        return place, Case(tx, act, actor, place, release, self._packages, self._land, reason)

    def _check(self, case: Case) -> str:
        """The state after the act, once its actor and guards pass."""
        wanted = step(rules.PLACEMENT_FLOW, "placement", case.placement.state, case.act)
        if not case.actor.roles & wanted.actors:
            if rules.HOLDER not in wanted.actors:
                accounts.require_role(case.actor, wanted.actors, case.act)
            place = case.placement
            cells = footprint(place.tierra, place.width, place.depth)
            self._land.require_holder(case.tx, case.actor.address, cells, case.tx.now)
            if case.actor.address != place.holder:
                raise MallError(
                    "land.not_holder",
                    f"Placement {place.id} is another holder's, whose right to the land has ended.",
                    placement=place.id,
                )
        for guard in wanted.guards:
            GUARDS[guard](case)
        return wanted.after

    def _move(self, case: Case, **changes: Any) -> Placement:
        after = self._check(case)
        before = case.placement
        place = replace(before, state=after, reason=case.reason.text, changed=case.tx.now, **changes)
        store.save(case.tx, place)
        if after not in rules.LIVING:
            store.vacate(case.tx, place.id)
        self._record(case.tx, case.act, case.actor, place, before.state, case.reason)
        return place

    def _record(
        self, tx: Tx, act: str, actor: Actor, place: Placement, before: str, why: Reason = NO_REASON
    ) -> None:
        tx.audit(
            actor.ref,
            f"placement.{act}",
            place.ref,
            before=before,
            after=place.state,
            reason=why.text,
            rule=why.rule,
            evidence=why.evidence,
            release=place.release,
            tierra=place.tierra,
            grants=" ".join(sorted(place.grants)),
        )
        tx.emit(
            PlacementChanged(
                at=tx.now,
                placement=place.id,
                release=place.release,
                tierra=place.tierra,
                before=before,
                after=place.state,
                actor=actor.ref,
            )
        )


_FREE: dict[str, Any] = {"pools_frozen": False, "suspended_by": "", "safety": False, "until": 0.0}
