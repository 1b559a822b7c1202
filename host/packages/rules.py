"""The life of a release (creator_api section 7) as one dict, and the pure guards on it."""

from __future__ import annotations

from typing import Final

from host.accounts.models import CREATOR, HOST, MODERATOR, Actor
from host.packages.capabilities import of_level
from host.packages.flow import Flow, Step, step
from host.packages.models import Manifest, Release

_AUTHOR: Final = frozenset({CREATOR, HOST})  # the host publishes the shipped packages
_MODERATOR: Final = frozenset({MODERATOR})
_HOST: Final = frozenset({HOST})

RELEASE_FLOW: Final[Flow] = {
    ("", "create"): Step("draft", _AUTHOR, ("id_is_theirs",)),
    ("draft", "submit"): Step("submitted", _AUTHOR, ("id_is_theirs", "digest_allowed")),
    ("submitted", "scan"): Step("scanned", _HOST),
    ("scanned", "send_back"): Step("draft", _HOST, ("has_reason",)),
    ("scanned", "approve"): Step("approved", _MODERATOR, ("reviewer_is_not_author", "digest_allowed")),
    ("scanned", "approve_trusted"): Step(
        "approved", _HOST, ("only_basic", "author_is_trusted", "digest_allowed")
    ),
    ("scanned", "request_changes"): Step(
        "changes_requested", _MODERATOR, ("reviewer_is_not_author", "has_reason")
    ),
    ("changes_requested", "reopen"): Step("draft", _AUTHOR, ("id_is_theirs",)),
    ("scanned", "reject"): Step("rejected", _MODERATOR, ("reviewer_is_not_author", "has_reason", "has_rule")),
    ("approved", "revoke"): Step("revoked", _MODERATOR, ("has_reason", "has_rule", "second_person")),
    **{
        (state, "retire"): Step("retired", _AUTHOR, ("id_is_theirs",))
        for state in ("draft", "submitted", "scanned", "approved", "changes_requested", "rejected")
    },
}
"""Guards are those of `host.packages.guards`; age and AI answers, license and notes are checked with the manifest."""

STATES: Final = frozenset(s for s, _ in RELEASE_FLOW if s) | {s.after for s in RELEASE_FLOW.values()}
ACTS: Final = frozenset(act for _, act in RELEASE_FLOW)
TRUST_AFTER: Final = 3
"""Releases that moderators approved, none rejected or revoked, after which an author is trusted."""


def next_state(state: str, act: str) -> str:
    """Where an act leads.

    Raises:
        MallError: release.bad_transition.
    """
    return step(RELEASE_FLOW, "release", state, act).after


def is_author(actor: Actor, release: Release) -> bool:
    """Whether the actor signed the release or handed it in."""
    return actor.address == release.signer or actor.ref == release.submitter


def only_basic(manifest: Manifest) -> bool:
    """Whether it asks for nothing but basic capabilities."""
    return of_level(manifest.capabilities, "basic") == manifest.capabilities


def is_trusted(approved: int, against: int) -> bool:
    """Whether an author with so many approved and so many rejected or revoked releases is trusted."""
    return approved >= TRUST_AFTER and against == 0
