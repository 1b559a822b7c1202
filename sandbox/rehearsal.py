"""A small host for one game: a clock, players who stand somewhere, areas, claims and boards, all in memory.

The game's state is the very one that runs live; only the world around it is simple.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
from msgspec import UNSET

from sandbox import commands as c
from sandbox.errors import SandboxError
from sandbox.events import (
    AreaCrossed,
    BoardChanged,
    Chat,
    ClaimChanged,
    Commanded,
    Enter,
    Event,
    Input,
    Leave,
    Moved,
    Start,
    pack_positions,
    split_command,
)
from sandbox.limits import DEFAULT_LIMITS, Limits
from sandbox.runtime import State, StateResult, encode_configuration
from sandbox.wire import FaultInfo, InstanceSpec, decode_commands, decode_faults

STEP_S = 0.05
_encode = msgspec.msgpack.Encoder().encode
Watch = Callable[["Rehearsal", list[Event], StateResult, int], None]
"""Told each batch: the game, the events of the batch, what it gave, and the number of its commands."""


class Rehearsal:
    """One game with fake players. `at` and all positions in metres of the placement, `now` in UTC seconds.

    `kind` names the image of its state; `watch` is told each batch, the load first.
    """

    def __init__(
        self,
        spec: InstanceSpec,
        limits: Limits = DEFAULT_LIMITS,
        kind: str = "game",
        watch: Watch | None = None,
    ) -> None:
        self.spec = spec
        self.limits = limits
        self.now = spec.now
        self.players: dict[int, Enter] = {}
        self.keys: dict[str, int] = {}
        self.entities: dict[int, c.Parts] = {}
        self.names: dict[int, str] = {}
        self.claims: list[c.Claim] = []
        self.scores: dict[int, int] = {}
        self.match: c.MatchStatus | None = None
        self.toasts: dict[int, list[str]] = {}
        self.panels: dict[int, dict[str, c.UiNode]] = {}
        self.faults: list[FaultInfo] = []
        self.actions: dict[int, tuple[tuple[str, str], ...]] = {}
        self.commands: set[str] = set()
        self.sky: c.Sky | None = None
        self.boards: dict[str, dict[int, int]] = {}
        self.outboxes: list[bytes] = []
        self.usage = {"per_event": 0, "memory_kib": 0, "entities": 0}
        self._inside: set[tuple[int, int]] = set()
        self._queue: list[Event] = []
        self._watch = watch
        self.state = State(encode_configuration(replace(spec, limits=limits)), limits.memory_bytes, kind)
        result = self.state.load(spec.sources, spec.entry, spec.store, spec.now)
        self._apply(result, [])
        if self.faults:
            fault = self.faults[0]
            raise SandboxError(fault.code, describe(fault), file=fault.file, line=fault.line)
        self._wake = result.wake
        self.tell(Start())

    def tell(self, *events: Event) -> None:
        """Delivers events, one batch each, and what follows from them at once."""
        self._queue.extend(events)
        while self._queue:
            self._deliver([self._queue.pop(0)])
            self._cross_areas()

    def join(self, enter: Enter) -> None:
        """A player comes in."""
        self.players[enter.player] = enter
        self.tell(enter)

    def leave(self, player: int) -> None:
        """A player goes."""
        self.players.pop(player, None)
        self.panels.pop(player, None)
        self.actions.pop(player, None)
        self._inside = {pair for pair in self._inside if pair[0] != player}
        self.tell(Leave(player))

    def say(self, player: int, line: str) -> None:
        """A player types a line: a command, or something said. Raises SandboxError `chat.unknown_command`."""
        word, text = split_command(line)
        if not line.lstrip().startswith("/"):
            self.tell(Chat(player, line))
        elif word in self.commands:
            self.tell(Commanded(player, word, text))
        else:
            raise SandboxError("chat.unknown_command", f"there is no command {line.split()[0][:32]} here")

    def press(self, player: int, action: str) -> None:
        """A player presses an action. Raises SandboxError `play.no_such_action`."""
        if self.actions and action not in {name for name, _ in self.actions.get(player, ())}:
            raise SandboxError(
                "play.no_such_action", f"the action '{action}' is not shown to player {player} now"
            )
        self.tell(Input(player, action))

    def move(self, player: int, at: tuple[float, float, float]) -> None:
        """A player stands somewhere else now."""
        self.players[player] = msgspec.structs.replace(self.players[player], at=at)
        self.tell(Moved(pack_positions({player: at})))

    def advance(self, seconds: float) -> None:
        """The clock runs on, in the steps of the host's tick."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + STEP_S)
            if self._wake <= self.now + 1e-9:
                self._deliver([])
                self._cross_areas()
                self.tell()

    def close(self) -> None:
        """Frees the state."""
        self.state.close()

    def snapshot(self) -> bytes:
        """The store as it is now."""
        return self.state.snapshot()

    def _deliver(self, events: list[Event]) -> None:
        result = self.state.deliver(self.now, _encode(events) if events else b"")
        self._wake = result.wake
        self.usage["per_event"] = max(self.usage["per_event"], result.instructions)
        self.usage["memory_kib"] = max(self.usage["memory_kib"], result.memory_bytes >> 10)
        self._apply(result, events)

    def _apply(self, result: StateResult, events: list[Event]) -> None:
        self.outboxes.append(result.commands)
        self.faults.extend(decode_faults(result.faults))
        commands = decode_commands(
            result.commands,
            limit=self.limits.outbox_bytes,
            footprint=self.spec.footprint,
            capabilities=self.spec.capabilities,
        )
        for command in commands:
            self._obey(command)
        self.usage["entities"] = max(self.usage["entities"], len(self.entities))
        if self._watch is not None:
            self._watch(self, events, result, len(commands))

    def _obey(self, command: c.Command) -> None:
        if isinstance(command, c.Spawn):
            self.entities[command.entity] = command.parts
            self.names[command.entity] = command.key
            self.keys[command.key] = command.entity
        elif isinstance(command, c.Set):
            changed = {
                name: value
                for name, value in msgspec.structs.asdict(command.parts).items()
                if value is not UNSET
            }
            self.entities[command.entity] = msgspec.structs.replace(self.entities[command.entity], **changed)
        elif isinstance(command, c.Remove):
            del self.entities[command.entity]
            del self.keys[self.names.pop(command.entity)]
            self._inside = {pair for pair in self._inside if pair[1] != command.entity}
        elif isinstance(command, c.Teleport):
            if command.player in self.players:
                self.players[command.player] = msgspec.structs.replace(
                    self.players[command.player], at=command.at
                )
                self._queue.append(Moved(pack_positions({command.player: command.at})))
        elif isinstance(command, c.Actions):
            self.actions[command.player] = command.actions
        elif isinstance(command, c.ChatCommand):
            self.commands.add(command.word)
        elif isinstance(command, c.Sky):
            self.sky = command
        elif isinstance(command, c.MatchStatus):
            self.match = command
        elif isinstance(command, c.MatchScore):
            self.scores[command.player] = command.score
        elif isinstance(command, c.UiShow):
            self.panels.setdefault(command.player, {})[command.panel] = command.node
        elif isinstance(command, c.UiClose):
            self.panels.get(command.player, {}).pop(command.panel, None)
        elif isinstance(command, c.Toast):
            self.toasts.setdefault(command.player, []).append(command.text)
        elif isinstance(command, c.Claim):
            self.claims.append(command)
            self._queue.append(ClaimChanged(command.claim, "booked", command.amount))
        elif isinstance(command, c.BoardSubmit):
            rows = self.boards.setdefault(command.board, {})
            rows[command.player] = max(command.score, rows.get(command.player, command.score))
            self._queue.append(BoardChanged(command.board, "all", self._rows(rows)))
        elif isinstance(command, c.BoardReset):
            self.boards[command.board] = {}
            self._queue.append(BoardChanged(command.board, "all", ()))

    def _rows(self, scores: dict[int, int]) -> tuple[tuple[int, str, int], ...]:
        ranked = sorted(scores.items(), key=lambda row: -row[1])
        return tuple((p, self.players[p].name if p in self.players else "", score) for p, score in ranked)

    def _cross_areas(self) -> None:
        for player, enter in self.players.items():
            for number, parts in list(self.entities.items()):
                if not isinstance(parts.area, c.Area) or not isinstance(parts.at, tuple):
                    continue
                pair = (player, number)
                inside = in_area(parts.area, parts.at, enter.at)
                if inside != (pair in self._inside):
                    self._inside ^= {pair}
                    self._queue.append(AreaCrossed(player, number, inside))


def in_area(area: c.Area, centre: c.Vec3, at: c.Vec3) -> bool:
    """Whether a place is inside an area: an upright cylinder of its radius (and height above and below), or a box."""
    dx, dy, dz = (abs(a - b) for a, b in zip(at, centre, strict=True))
    if area.radius is not None:
        return dx * dx + dz * dz <= area.radius * area.radius and dy <= max(2.0, area.radius)
    if area.size is None:
        return False
    return dx <= area.size[0] / 2 and dy <= area.size[1] / 2 and dz <= area.size[2] / 2


def describe(fault: FaultInfo) -> str:
    """One line for people: place, code, text."""
    place = f"{fault.file}:{fault.line}: " if fault.file else ""
    return f"{place}{fault.code}: {fault.message}"
