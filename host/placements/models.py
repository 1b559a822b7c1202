"""A placement: a release on the ground of a holder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.packages.models import Value


@dataclass(frozen=True, slots=True)
class Placement:
    """A release x parcel, and where it stands. Times in seconds, UTC.

    Attributes:
        tierra: the Tierra of its smallest corner (x, y); it covers `width` x `depth` cells from there.
        holder: the address that asked for it and answers for it.
        grants: the capabilities that it has; restricted ones only since a moderator enabled it.
        seed: of its random numbers.
        pools_frozen: nothing may be claimed from its pools.
        suspended_by: who suspended it ("" where nobody); `safety` when it was for safety, so that only an appeal
            and no lapse of time ends it; `until` is when it lapses otherwise (0: not suspended).
    """

    id: int
    release: int
    package: str
    version: str
    digest: str
    tierra: int
    width: int
    depth: int
    holder: str
    grants: frozenset[str]
    settings: Mapping[str, Value]
    state: str
    seed: int
    pools_frozen: bool
    suspended_by: str
    safety: bool
    until: float
    reason: str
    created: float
    changed: float

    @property
    def ref(self) -> str:
        """How audit rows name it."""
        return f"placement:{self.id}"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an act on somebody's placement is done: for them to read and to appeal against."""

    text: str
    rule: str = ""
    evidence: str = ""
