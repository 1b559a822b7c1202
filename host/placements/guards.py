"""The guards that PLACEMENT_FLOW names: each passes or raises the error that the actor reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from host.accounts.models import HOST, Actor
from host.errors import MallError
from host.land.rules import footprint
from host.land.service import Land
from host.packages.capabilities import of_level
from host.packages.models import Manifest, Release
from host.packages.rules import only_basic
from host.packages.service import Packages
from host.placements import store
from host.placements.limits import require_budget
from host.placements.models import Placement, Reason
from host.storage.tx import Tx

NO_REASON: Final = Reason("")


@dataclass(frozen=True, slots=True)
class Case:
    """An act on a placement, with all that its guards look at.

    `release` is the one that the placement has after the act; `restricted` is what a moderator grants.
    """

    tx: Tx
    act: str
    actor: Actor
    placement: Placement
    release: Release
    packages: Packages
    land: Land
    reason: Reason = NO_REASON
    restricted: frozenset[str] = frozenset()
    safety: bool = False
    before: Release | None = None

    @property
    def manifest(self) -> Manifest:
        """The release's; read from the archive only where a guard looks at it."""
        return self.packages.manifest(self.release)


def land_right(case: Case) -> None:
    """The holder who asked for it still holds every Tierra under it."""
    place = case.placement
    case.land.require_holder(
        case.tx, place.holder, footprint(place.tierra, place.width, place.depth), case.tx.now
    )


def release_approved(case: Case) -> None:
    """Only an approved release is placed."""
    _release_in(case, "approved")


def release_stands(case: Case) -> None:
    """A retired release serves existing placements until their end; a revoked one serves nobody."""
    _release_in(case, "approved", "retired")


def _release_in(case: Case, *states: str) -> None:
    if case.release.state not in states:
        raise MallError(
            "placement.release_state",
            f"{case.release.package} {case.release.version} is {case.release.state}; it must be {' or '.join(states)}.",
            release=case.release.id,
            state=case.release.state,
        )


def land_is_free(case: Case) -> None:
    """Nothing else that lives stands there."""
    place = case.placement
    for tierra in footprint(place.tierra, place.width, place.depth):
        other = store.at(case.tx, tierra)
        if other is not None and other.id != place.id:
            raise MallError(
                "placement.occupied",
                f"Tierra {tierra} carries {other.package} (placement {other.id}, {other.state}). Retire it first.",
                tierra=tierra,
                placement=other.id,
            )


def required_granted(case: Case) -> None:
    """A moderator grants every restricted capability without which it cannot run."""
    missing = of_level(case.manifest.required, "restricted") - case.restricted
    if missing:
        raise MallError(
            "placement.grant_missing",
            f"{case.manifest.id} cannot run without {', '.join(sorted(missing))}. Grant them or decline.",
            capability=sorted(missing)[0],
        )


def rating_fits(case: Case) -> None:
    """Chance is for adults."""
    if "game.chance" in case.restricted and case.manifest.age.rating != "adult":
        raise MallError(
            "placement.rating",
            f"game.chance needs the rating adult; {case.manifest.id} is rated {case.manifest.age.rating}.",
            rating=case.manifest.age.rating,
        )


def delegated(case: Case) -> None:
    """The host enables by rule only what is basic and for everyone."""
    if HOST in case.actor.roles and not (
        only_basic(case.manifest) and case.manifest.age.rating == "everyone"
    ):
        raise MallError(
            "placement.needs_review",
            "Only a basic placement rated for everyone is enabled without a moderator.",
        )


def has_reason(case: Case) -> None:
    """The act says why."""
    _needs(case, "reason", case.reason.text)


def has_rule(case: Case) -> None:
    """The act names the rule (with its version) and shows evidence."""
    _needs(case, "rule", case.reason.rule)
    _needs(case, "evidence", case.reason.evidence)


def _needs(case: Case, what: str, value: str) -> None:
    if not value.strip():
        raise MallError(
            "placement.reason_missing",
            f"{case.act} needs a {what}, which the holder reads.",
            act=case.act,
            missing=what,
        )


def host_safety(case: Case) -> None:
    """The host itself suspends for safety only."""
    if HOST in case.actor.roles and not case.safety:
        raise MallError(
            "placement.needs_review", "The host suspends for safety only; else a moderator decides."
        )


def second_moderator(case: Case) -> None:
    """Somebody else than who suspended it hears the appeal."""
    if case.actor.ref == case.placement.suspended_by:
        raise MallError(
            "placement.second_moderator",
            "You suspended this placement; another moderator must hear the appeal.",
        )


def deadline_passed(case: Case) -> None:
    """A suspension that is not for safety lapses at its deadline."""
    place = case.placement
    if place.safety or case.tx.now < place.until:
        raise MallError(
            "placement.still_suspended",
            "This suspension does not lapse: it is for safety."
            if place.safety
            else f"This suspension lapses at {place.until:.0f} (UTC seconds), not yet.",
            until=place.until,
        )


def budget_fits(case: Case) -> None:
    """The land gives what the manifest asks for."""
    place = case.placement
    require_budget(case.manifest.id, case.manifest.budget, place.width * place.depth)


def same_package(case: Case) -> None:
    """An update stays within the package and its footprint."""
    place, room = case.placement, case.manifest.footprint
    if case.release.package != place.package or (room.width, room.depth) != (place.width, place.depth):
        raise MallError(
            "placement.other_package",
            f"Placement {place.id} is {place.package} on {place.width} x {place.depth} cells; the release is "
            f"{case.release.package} on {room.width} x {room.depth}. Request a placement of its own.",
            placement=place.id,
        )


def no_new_power(case: Case) -> None:
    """An update without a new review brings no capability and no pool that nobody agreed to."""
    new, old = case.manifest, case.packages.manifest(case.before or case.release)
    wanted = new.capabilities - old.capabilities
    missing = new.required - case.placement.grants
    if wanted or missing or (new.pools, new.hosts, new.age.rating) != (old.pools, old.hosts, old.age.rating):
        what = ", ".join(sorted(wanted | missing)) or "other pools, hosts or age rating"
        raise MallError(
            "placement.new_power",
            f"{case.release.version} asks for more than was reviewed here: {what}.",
            release=case.release.id,
        )


GUARDS: Final[Mapping[str, Callable[[Case], None]]] = {
    guard.__name__: guard
    for guard in (
        land_right, release_approved, release_stands, land_is_free, required_granted, rating_fits, delegated,
        has_reason, has_rule, host_safety, second_moderator, deadline_passed, same_package, no_new_power, budget_fits,
    )
}  # fmt: skip
