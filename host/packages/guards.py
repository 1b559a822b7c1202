"""The guards that RELEASE_FLOW names: each passes or raises the error that the actor reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from host.accounts.models import HOST, Actor
from host.errors import MallError
from host.packages import rules, store
from host.packages.models import Inspected, Release
from host.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Act:
    """An act on a release, with all that its guards look at.

    `inspected` is what is handed in, for the author's acts; `rule` a broken rule's id and version.
    """

    name: str
    actor: Actor
    reason: str = ""
    rule: str = ""
    evidence: str = ""
    inspected: Inspected | None = None


Guard = Callable[[Tx, Act, Release | None], None]


def has_reason(tx: Tx, act: Act, found: Release | None) -> None:
    """The act says why."""
    _needs(act, "reason", act.reason)


def has_rule(tx: Tx, act: Act, found: Release | None) -> None:
    """The act names the broken rule and shows evidence."""
    _needs(act, "rule", act.rule)
    _needs(act, "evidence", act.evidence)


def _needs(act: Act, what: str, value: str) -> None:
    if not value.strip():
        raise MallError(
            "release.reason_missing",
            f"{act.name} needs a {what}, which the author reads.",
            act=act.name,
            missing=what,
        )


def id_is_theirs(tx: Tx, act: Act, found: Release | None) -> None:
    """The author's name belongs to the signer, and the actor is the signer (or the host)."""
    if found is not None:
        author, signer = found.package.partition("/")[0], found.signer
    elif act.inspected is not None:
        author, signer = act.inspected.package.manifest.author, act.inspected.signer
    else:
        raise AssertionError("a release or what is handed in is needed")
    owner = store.author_address(tx, author) or signer
    handed_by = act.inspected.signer if act.inspected else signer
    if (
        owner != signer
        or handed_by != signer
        or (HOST not in act.actor.roles and act.actor.address != signer)
    ):
        raise MallError(
            "package.not_yours",
            f"The author name {author!r} belongs to {owner}; this is signed by {handed_by} and handed in by "
            f"{act.actor.address or act.actor.name}. Use your own author name and sign with your own key.",
            author=author,
            owner=owner,
        )


def digest_allowed(tx: Tx, act: Act, found: Release | None) -> None:
    """The content is not on the denylist."""
    digest = act.inspected.package.digest if act.inspected else found.digest if found else ""
    why = store.denied(tx, digest)
    if why is not None:
        raise MallError("package.denied", f"This very content was revoked: {why}.", digest=digest)


def reviewer_is_not_author(tx: Tx, act: Act, found: Release | None) -> None:
    """Nobody reviews their own work."""
    if found is not None and rules.is_author(act.actor, found):
        raise MallError(
            "release.own",
            "You signed or handed in this release; somebody else must review it.",
            release=found.id,
        )


def second_person(tx: Tx, act: Act, found: Release | None) -> None:
    """Somebody else asked for it before."""
    asked = tx.one("select * from release_revocations where release = ?", found.id if found else 0)
    if asked is None or act.actor.ref == asked["actor"] or act.actor.address == asked["address"]:
        raise MallError(
            "release.second_person",
            "Revoking takes two moderators; you asked for it, another one must agree.",
        )


def only_basic(tx: Tx, act: Act, found: Release | None) -> None:
    """It asks for basic capabilities only."""
    if act.inspected is None or not rules.only_basic(act.inspected.package.manifest):
        raise MallError("release.needs_review", "Only a release with basic capabilities is approved by rule.")


def author_is_trusted(tx: Tx, act: Act, found: Release | None) -> None:
    """The author has a record of approved releases."""
    if found is None or not rules.is_trusted(*store.record_of(tx, found.signer)):
        raise MallError("release.needs_review", "Only a trusted author's release is approved by rule.")


GUARDS: Final[Mapping[str, Guard]] = {
    guard.__name__: guard
    for guard in (
        has_reason, has_rule, id_is_theirs, digest_allowed, reviewer_is_not_author, second_person, only_basic,
        author_is_trusted,
    )
}  # fmt: skip


def passes(guard: str, tx: Tx, act: Act, found: Release | None) -> bool:
    """Whether a guard lets the act through."""
    try:
        GUARDS[guard](tx, act, found)
    except MallError:
        return False
    return True
