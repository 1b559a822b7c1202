"""One placement while somebody is near: its instance, what it shows, who is there, and its matches."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from host.gateway.limits import Bucket
from host.play.models import Placed
from sandbox.commands import MatchScore, MatchStatus
from sandbox.events import Event
from sandbox.wire import InstanceSpec

MAX_MATCHES = 64
"""Of one creation at a time; what it tells of more is not taken in."""
FILED_PER_S, FILED_BURST = 20.0, 256.0
"""Claims and scores that a creation may hand in: each costs a write. The ends of four full matches at once fit."""
LINES_PER_S, LINES_BURST = 5.0, 100.0
"""Lines that a creation may write into the host's log."""


@dataclass(slots=True)
class Shown:
    """An entity as clients see it; `number` is its id in the region."""

    number: int
    fields: dict[str, Any]


@dataclass(slots=True)
class Match:
    """A match as last told by the creation, at `at` (the host's clock)."""

    status: MatchStatus
    at: float
    scores: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """The state of a placement in play. `instance` is 0 while no Lua state runs.

    Attributes:
        released: the enabled release, where other code runs instead. seed: of every run; drawn where it is None.
        session: names this run of the instance; with a claim's number it is the claim's idempotency key.
        watchers: players who see the placement.
        inside: players on its ground, with the time they came (seconds, UTC).
        waiting: events for an instance that is being started.
        claims: numbers that the creation gave to its claims that are still on their way, by the claim's id.
        filing, lines: what it may still hand in, and write into the log.
    """

    placed: Placed
    released: Placed | None = None
    seed: int | None = None
    instance: int = 0
    waking: bool = False
    session: str = ""
    store: bytes = b""
    entities: dict[int, Shown] = field(default_factory=dict)
    by_number: dict[int, int] = field(default_factory=dict)
    watchers: set[int] = field(default_factory=set)
    inside: dict[int, float] = field(default_factory=dict)
    waiting: list[Event] = field(default_factory=list)
    matches: dict[int, Match] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    idle_since: float | None = None
    retry_at: float = 0.0
    filing: Bucket = field(default_factory=lambda: Bucket(FILED_PER_S, FILED_BURST, 0.0))
    lines: Bucket = field(default_factory=lambda: Bucket(LINES_PER_S, LINES_BURST, 0.0))

    def begin(self, session: str) -> None:
        """A new run: nothing of an earlier one is left."""
        self.session = session
        self.forget()

    @property
    def enabled(self) -> Placed:
        """What the enabled release says, also while other code runs."""
        return self.released or self.placed

    def run_instead(self, placed: Placed) -> None:
        """The next state runs this, until the enabled release changes; see `host.play.reloading`."""
        self.placed, self.released = placed, self.enabled

    def spec(self, number: int, now: float) -> InstanceSpec:
        """What the sandbox needs to start this run as instance `number`; `now` in seconds, UTC."""
        placed = self.placed
        return InstanceSpec(
            instance=number, package=placed.package, version=placed.version, digest=placed.digest,
            sources=placed.sources, entry=placed.entry, settings=placed.settings, capabilities=placed.capabilities,
            seed=secrets.randbits(63) if self.seed is None else self.seed, now=now, footprint=placed.footprint, facts=placed.facts,
            store=self.store, texts=placed.texts, limits=placed.limits,
        )  # fmt: skip

    def forget(self) -> None:
        """The state behind what was shown is gone."""
        self.entities.clear()
        self.by_number.clear()
        self.matches.clear()
        self.claims.clear()

    def apply_status(self, status: MatchStatus, now: float) -> None:
        """Take in what the creation says of a match."""
        known = self.matches.get(status.match)
        if known is None and len(self.matches) >= MAX_MATCHES:
            return
        scores = known.scores if known else {}
        self.matches[status.match] = Match(status, now, {p: scores.get(p, 0) for p in status.players})

    def apply_score(self, score: MatchScore) -> None:
        """Take in a score; scores of unknown matches or strangers are ignored."""
        match = self.matches.get(score.match)
        if match is not None and score.player in match.scores:
            match.scores[score.player] = score.score

    def scoreboard(self, match: Match, names: dict[int, str], now: float) -> dict[str, Any]:
        """The wire's `score` message; `left` is what remains at `now`."""
        status = match.status
        left = max(0.0, status.seconds_left - max(0.0, now - match.at))
        order = status.players
        if status.phase != "over":
            order = tuple(sorted(order, key=lambda player: -match.scores.get(player, 0)))
        rows = [{"id": p, "name": names.get(p, ""), "score": match.scores.get(p, 0)} for p in order]
        return {
            "t": "score",
            "placement": self.placed.id,
            "phase": status.phase,
            "left": round(left, 2),
            "title": status.title or self.placed.title,
            "unit": status.unit,
            "players": rows,
        }

    def spawn_messages(self) -> Iterator[dict[str, Any]]:
        """All entities for a client that comes near, in messages of modest size."""
        shown = [{"id": s.number, "placement": self.placed.id, **s.fields} for s in self.entities.values()]
        for start in range(0, len(shown), 64):
            yield {"t": "spawn", "entities": shown[start : start + 64]}
