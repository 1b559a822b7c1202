"""Made-up players for profiles: they walk about, use what is near, answer panels and press actions, all by a seed."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping

from sandbox import commands as c
from sandbox.events import Enter, Event, Input, Interact, Ui
from sandbox.rehearsal import Rehearsal

SPEED = 5.0
"""Metres a second, a run."""
STEP_S = 0.1
NAMES = ("Ada", "Bo", "Cleo", "Dan", "Eva", "Finn", "Gwen", "Hugo")
COMMON_ACTIONS = ("use", "jump", "throw")
_ACTION = re.compile(rb"""action\s*==\s*["']([\w.:/-]{1,64})["']""")
ACTS = ("walk", "walk", "walk", "interact", "interact", "input", "ui")


class Bots:
    """So many players in one rehearsal. The same seed does the same in the same game."""

    def __init__(self, game: Rehearsal, players: int, seed: int) -> None:
        self._game = game
        self._random = random.Random(seed)
        self._goals: dict[int, tuple[float, float, float]] = {}
        self._actions = declared_actions(game.spec.sources)
        for number in range(1, players + 1):
            name = f"{NAMES[(number - 1) % len(NAMES)]} {(number - 1) // len(NAMES) + 1}"
            game.join(Enter(number, name, at=self._somewhere()))

    def play(self, seconds: float) -> None:
        """Let them play for so long, in the steps in which clients report."""
        for _ in range(round(seconds / STEP_S)):
            for player in list(self._game.players):
                if self._game.state.alive:
                    self._act(player)
            if not self._game.state.alive:
                return
            self._game.advance(STEP_S)

    def _act(self, player: int) -> None:
        """Go on towards the goal; there, do something and choose the next one."""
        at = self._game.players[player].at
        goal = self._goals.get(player)
        if goal is not None and math.dist(at, goal) > 0.01:
            part = min(1.0, SPEED * STEP_S / math.dist(at, goal))
            x, y, z = (a + (b - a) * part for a, b in zip(at, goal, strict=True))
            self._game.move(player, (x, y, z))
            return
        event = self._event(player, self._random.choice(ACTS))
        if event is not None:
            self._game.tell(event)
        self._goals[player] = self._next_goal()

    def _event(self, player: int, act: str) -> Event | None:
        if act == "interact":
            found = self._near(player)
            return Interact(player, *self._random.choice(found)) if found else None
        if act == "input":
            return Input(player, self._random.choice(self._actions))
        if act == "ui":
            nodes = [n for tree in self._game.panels.get(player, {}).values() for n in answerable(tree)]
            return self._answer(player, self._random.choice(nodes)) if nodes else None
        return None

    def _near(self, player: int) -> list[tuple[int, str]]:
        """Things within reach, with their verbs."""
        at = self._game.players[player].at
        return [
            (number, parts.clickable.verb)
            for number, parts in sorted(self._game.entities.items())
            if isinstance(parts.clickable, c.Clickable)
            and isinstance(parts.at, tuple)
            and math.dist(at, parts.at) <= parts.clickable.reach
        ]

    def _answer(self, player: int, node: c.UiNode) -> Ui:
        value = node.value
        if node.kind == "choice" and node.options:
            value = self._random.choice(node.options)
        elif node.kind == "slider":
            value = self._random.uniform(node.min or 0.0, node.max if node.max is not None else 1.0)
        elif node.kind == "input":
            value = "hello"
        return Ui(player, node.id or "", value)

    def _next_goal(self) -> tuple[float, float, float]:
        """Half of the ways lead to a thing that does something: one to use, or one whose area tells."""
        things = [
            parts.at
            for _, parts in sorted(self._game.entities.items())
            if isinstance(parts.at, tuple)
            and (isinstance(parts.clickable, c.Clickable) or isinstance(parts.area, c.Area))
        ]
        if things and self._random.random() < 0.5:
            return self._random.choice(things)
        return self._somewhere()

    def _somewhere(self) -> tuple[float, float, float]:
        width, _, depth = self._game.spec.footprint
        return self._random.uniform(0.0, width), 0.0, self._random.uniform(0.0, depth)


def declared_actions(sources: Mapping[str, bytes]) -> tuple[str, ...]:
    """Actions that the sources compare with, else some that any client has."""
    found = {name.decode() for source in sources.values() for name in _ACTION.findall(source)}
    return tuple(sorted(found)) or COMMON_ACTIONS


def answerable(node: c.UiNode) -> Iterator[c.UiNode]:
    """Nodes of a panel that a player can use."""
    if node.id and node.kind in ("button", "input", "choice", "slider"):
        yield node
    for child in node.children or ():
        yield from answerable(child)
