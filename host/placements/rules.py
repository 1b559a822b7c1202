"""The life of a placement (creator_api section 7) as one dict, and the pure rules of grants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from host.accounts.models import HOST, MODERATOR
from host.errors import MallError
from host.packages.capabilities import CAPABILITIES, of_level
from host.packages.flow import Flow, Step, step
from host.packages.models import Manifest, Value

HOLDER: Final = "holder"
"""Not a role but a relation: whoever holds the placement's land now."""

APPEAL_TIME: Final = 14 * 86_400.0
"""Seconds after which a suspension that is not for safety lapses."""

_HOLDER: Final = frozenset({HOLDER})
_RIGHT: Final = ("land_right", "release_stands")

PLACEMENT_FLOW: Final[Flow] = {
    ("", "request"): Step(
        "requested", _HOLDER, ("land_right", "release_approved", "land_is_free", "budget_fits")
    ),
    ("requested", "enable"): Step(
        "enabled",
        frozenset({MODERATOR, HOST}),
        ("land_right", "release_approved", "required_granted", "rating_fits", "delegated", "budget_fits"),
    ),
    ("requested", "decline"): Step("declined", frozenset({MODERATOR, HOST}), ("has_reason",)),
    ("enabled", "pause"): Step("paused", frozenset({HOLDER, HOST})),
    ("paused", "resume"): Step("enabled", frozenset({HOLDER, HOST}), _RIGHT),
    **{
        (state, "suspend"): Step(
            "suspended", frozenset({MODERATOR, HOST}), ("has_reason", "has_rule", "host_safety")
        )
        for state in ("enabled", "paused")
    },
    ("suspended", "reinstate"): Step("enabled", frozenset({MODERATOR}), (*_RIGHT, "second_moderator")),
    ("suspended", "lapse"): Step("enabled", frozenset({HOST}), (*_RIGHT, "deadline_passed")),
    ("enabled", "update"): Step(
        "enabled", _HOLDER, ("land_right", "release_approved", "same_package", "no_new_power", "budget_fits")
    ),
    ("enabled", "request_update"): Step(
        "requested", _HOLDER, ("land_right", "release_approved", "same_package", "budget_fits")
    ),
    **{
        (state, "retire"): Step("retired", frozenset({HOLDER, HOST}))
        for state in ("requested", "enabled", "paused", "suspended")
    },
}
"""Guards are those of `host.placements.guards`."""

STATES: Final = frozenset(s for s, _ in PLACEMENT_FLOW if s) | {s.after for s in PLACEMENT_FLOW.values()}
ACTS: Final = frozenset(act for _, act in PLACEMENT_FLOW)
LIVING: Final = frozenset({"requested", "enabled", "paused", "suspended"})
"""States in which a placement occupies its land."""


def next_state(state: str, act: str) -> str:
    """Where an act leads.

    Raises:
        MallError: placement.bad_transition.
    """
    return step(PLACEMENT_FLOW, "placement", state, act).after


def holder_grants(manifest: Manifest, granted: frozenset[str]) -> frozenset[str]:
    """Capabilities of a requested placement: all basic ones asked for, and the sensitive ones that the holder grants.

    Raises:
        MallError: placement.grant_unknown, placement.grant_level, placement.grant_missing.
    """
    asked = manifest.capabilities
    for name in sorted(granted):
        if name not in asked:
            raise MallError(
                "placement.grant_unknown",
                f"{manifest.id} does not ask for {name[:32]!r}; it asks for {', '.join(sorted(asked)) or 'nothing'}.",
                capability=name[:32],
            )
        if CAPABILITIES[name].level == "restricted":
            raise MallError(
                "placement.grant_level",
                f"{name} is restricted: a moderator grants it when enabling, not the holder.",
                capability=name,
            )
    missing = of_level(manifest.required, "sensitive") - granted
    if missing:
        raise MallError(
            "placement.grant_missing",
            f"{manifest.id} cannot run without {', '.join(sorted(missing))}. Grant them or choose another package.",
            capability=sorted(missing)[0],
        )
    return of_level(asked, "basic") | of_level(granted, "sensitive")


def moderator_grants(manifest: Manifest, granted: frozenset[str]) -> frozenset[str]:
    """The restricted capabilities that a moderator grants on this parcel.

    Raises:
        MallError: placement.grant_unknown, placement.grant_level.
    """
    for name in sorted(granted):
        if name not in manifest.capabilities:
            raise MallError(
                "placement.grant_unknown",
                f"{manifest.id} does not ask for {name[:32]!r}.",
                capability=name[:32],
            )
        if CAPABILITIES[name].level != "restricted":
            raise MallError(
                "placement.grant_level",
                f"{name} is {CAPABILITIES[name].level}: it is not the moderator's to grant.",
                capability=name,
            )
    return granted


def carried_settings(manifest: Manifest, old: Mapping[str, Value]) -> dict[str, Value]:
    """The settings of the release before that the new release's form still knows."""
    names = {field.name for field in manifest.settings}
    return {name: value for name, value in old.items() if name in names}
