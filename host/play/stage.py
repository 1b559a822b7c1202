"""One placement while somebody is near: its instance, what it shows, who is there, and its matches."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from host.gateway.limits import Bucket
from host.play import view
from host.play.models import Placed
from sandbox.commands import MatchScore, MatchStatus, Sky
from sandbox.events import Event
from sandbox.wire import InstanceSpec

MAX_MATCHES = 64
"""Of one creation at a time; what it tells of more is not taken in."""
FILED_PER_S, FILED_BURST = 20.0, 256.0
"""Claims and scores that a creation may hand in: each costs a write. The ends of four full matches at once fit."""
LINES_PER_S, LINES_BURST = 5.0, 100.0
"""Lines that a creation may write into the host's log."""
BUS_PER_S, BUS_BURST = 50.0, 200.0
"""Messages that a creation may send to others."""
PROBATION_S = 3600.0
"""So long a creation shares the worker for probation after it was enabled, or had a worker killed."""
CITY_SKY = Sky(None, None, None)


@dataclass(slots=True)
class Shown:
    """An entity as clients see it.

    `number` is its id in the region, `left_at` when it set out on its way (the host's clock).
    """

    number: int
    fields: dict[str, Any]
    left_at: float = 0.0


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
        spectators: players on its ground whom it has no room for, who came first first.
        actions: what each player inside may press; shows_actions: whether any was ever shown in this run.
        commands: words of the chat that go to the creation. sky: as who is inside sees it.
        waiting: events for an instance that is being started.
        claims: numbers that the creation gave to its claims that are still on their way, by the claim's id.
        killed_at: when it last cost a worker (seconds, UTC).
        filing, lines, bus: what it may still hand in, write into the log, and send to others.
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
    spectators: dict[int, None] = field(default_factory=dict)
    actions: dict[int, frozenset[str]] = field(default_factory=dict)
    shows_actions: bool = False
    commands: set[str] = field(default_factory=set)
    sky: Sky = CITY_SKY
    waiting: list[Event] = field(default_factory=list)
    matches: dict[int, Match] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    idle_since: float | None = None
    retry_at: float = 0.0
    killed_at: float = -math.inf
    filing: Bucket = field(default_factory=lambda: Bucket(FILED_PER_S, FILED_BURST, 0.0))
    bus: Bucket = field(default_factory=lambda: Bucket(BUS_PER_S, BUS_BURST, 0.0))
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
            seed=secrets.randbits(63) if self.seed is None else self.seed, now=now,
            footprint=placed.footprint, facts=placed.facts, store=self.store, texts=placed.texts, limits=placed.limits,
            language=placed.language,
            probation=now - max(placed.enabled_at, self.killed_at) < PROBATION_S,
        )  # fmt: skip

    def forget(self) -> None:
        """The state behind what was shown is gone."""
        self.entities.clear()
        self.by_number.clear()
        self.matches.clear()
        self.claims.clear()
        self.actions.clear()
        self.shows_actions = False
        self.commands.clear()
        self.sky = CITY_SKY

    def admit(self, player: int, now: float) -> bool:
        """Count a player as inside; False where there is no room: then the player is a spectator."""
        full = len(self.inside) >= self.placed.max_players and player not in self.inside
        if full:
            self.spectators[player] = None
        else:
            self.inside[player] = now
        return not full

    def release(self, player: int) -> tuple[bool, int | None]:
        """Count a player as gone: whether it was inside, and the spectator who may come in now."""
        self.spectators.pop(player, None)
        self.actions.pop(player, None)
        if self.inside.pop(player, None) is None:
            return False, None
        next_in = next(iter(self.spectators), None)
        if next_in is not None:
            del self.spectators[next_in]
        return True, next_in

    def full_notice(self) -> str:
        """What a player is told who finds no room."""
        return f"This place is full ({len(self.inside)} of {self.placed.max_players})"

    def show_actions(self, player: int, actions: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        """Take in what a player may do; the wire's `actions` message."""
        self.actions[player] = frozenset(name for name, _ in actions)
        self.shows_actions = True
        rows = [{"name": name, "label": label} for name, label in actions]
        return {"t": "actions", "placement": self.placed.id, "actions": rows}

    def may_press(self, player: int, action: str) -> bool:
        """Whether an input is one that the player is shown. A creation that shows none takes any."""
        return not self.shows_actions or action in self.actions.get(player, ())

    def air_messages(self) -> Iterator[dict[str, Any]]:
        """What a player who comes in has to know beside the entities."""
        if self.sky != CITY_SKY:
            yield view.sky(self.placed, self.sky)

    def farewells(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """What players are told when the run is over: its buttons and its sky go."""
        for player, actions in self.actions.items():
            if actions:
                yield player, {"t": "actions", "placement": self.placed.id, "actions": []}
        if self.sky != CITY_SKY:
            for player in self.inside:
                yield player, view.sky(self.placed, CITY_SKY)

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

    def spawn_messages(self, now: float) -> Iterator[dict[str, Any]]:
        """All entities for a client that comes near, in messages of modest size."""
        shown = [
            {"id": s.number, "placement": self.placed.id, **view.on_its_way(s.fields, now - s.left_at)}
            for s in self.entities.values()
        ]
        for start in range(0, len(shown), 64):
            yield {"t": "spawn", "entities": shown[start : start + 64]}
