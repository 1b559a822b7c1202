"""Applies what an instance proposes: each command touches only what belongs to its placement."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Literal

import msgspec

from host.economy import amounts
from host.economy.models import Standing
from host.errors import MallError
from host.gateway.gateway import Gateway
from host.play import view
from host.play.backstage import Backstage
from host.play.boards import PERIODS
from host.play.stage import BUS_PER_S, FILED_PER_S, Shown, Stage
from sandbox import commands as c
from sandbox.errors import SandboxError
from sandbox.events import BoardChanged, Bus, ClaimChanged, Event, PoolChanged
from sandbox.wire import Outbox

log = logging.getLogger(__name__)
Post = Callable[[Stage, Event], None]
MAX_COMMANDS = 16
"""Of the chat, of one creation; as in the state."""
BUS_BYTES = 4096
"""Of one message on the bus; as in the state."""
Breach = Callable[[Stage, str, str], None]


class Applier:
    """Turns commands into changes of the region and messages to players.

    Args:
        stages: all placements, for what goes from one to another.
        breach: told the code and the sentence when a creation proposes what cannot be.
    """

    def __init__(
        self,
        gateway: Gateway,
        backstage: Backstage,
        spawn_task: Callable[[Coroutine[Any, Any, None]], None],
        post: Post,
        breach: Breach,
        clock: Callable[[], float],
        stages: Mapping[int, Stage],
    ) -> None:
        self._gateway = gateway
        self._backstage = backstage
        self._spawn_task = spawn_task
        self._post = post
        self._breach = breach
        self._clock = clock
        self._stages = stages
        self._next_entity = 1

    def apply(self, stage: Stage, outbox: Outbox) -> None:
        """Apply an outbox in order; entities and scores go out in one message each.

        What cannot be is left out; the first such command of an outbox is told as a breach.
        """
        changes = _Changes()
        refused: MallError | SandboxError | None = None
        for command in outbox.commands:
            try:
                self._apply(stage, command, changes)
            except (MallError, SandboxError) as error:
                refused = refused or error
        self._tell_entities(stage, changes)
        for match in changes.matches & stage.matches.keys():
            self._tell_score(stage, match)
        if refused is not None:
            self._breach(stage, refused.code, refused.message)

    def _apply(self, stage: Stage, command: c.Command, changes: _Changes) -> None:
        if isinstance(command, c.Spawn | c.Set | c.Remove):
            self._entity(stage, command, changes)
        elif isinstance(command, c.MatchStatus):
            stage.apply_status(command, self._clock())
            changes.matches.add(command.match)
        elif isinstance(command, c.MatchScore):
            stage.apply_score(command)
            changes.matches.add(command.match)
        elif isinstance(command, c.Claim | c.BoardSubmit | c.BoardReset):
            self._file(stage, command)
        elif isinstance(command, c.Log):
            if stage.lines.take(1, self._clock()):
                log.info("placement %d says: %s", stage.placed.id, command.text)
        elif isinstance(command, c.BusSend):
            self._send_on(stage, command)
        elif isinstance(command, c.Sky):
            if command != stage.sky:
                stage.sky = command
                for player in stage.inside:
                    self._gateway.send(player, view.sky(stage.placed, command))
        elif isinstance(command, c.ChatCommand):
            if len(stage.commands) < MAX_COMMANDS:
                stage.commands.add(command.word)
        elif isinstance(command, c.Effect):
            self._effect(stage, command)
        elif command.player in stage.inside:
            self._to_player(stage, command)

    # entities

    def _entity(self, stage: Stage, command: c.Spawn | c.Set | c.Remove, changes: _Changes) -> None:
        shown = stage.entities.get(command.entity)
        if isinstance(command, c.Spawn):
            if shown is None and len(stage.entities) < stage.placed.limits.entities:
                shown = self._spawn(stage, command)
                changes.spawned.append(shown)
        elif shown is None:
            return
        elif isinstance(command, c.Set):
            fields = view.entity_fields(stage.placed, command.parts)
            shown.fields |= fields
            if fields.get("way"):
                shown.left_at = self._clock()
            region = self._gateway.region
            region.put(
                view.world_entity(stage.placed, shown.number, command.parts, region.entity(shown.number))
            )
            changes.set.append({"id": shown.number, **fields})
        else:
            del stage.entities[command.entity], stage.by_number[shown.number]
            self._gateway.region.remove(shown.number)
            changes.removed.append(shown.number)

    def _spawn(self, stage: Stage, command: c.Spawn) -> Shown:
        shown = Shown(
            self._next_entity,
            {"key": command.key, **view.entity_fields(stage.placed, command.parts)},
            self._clock(),
        )
        self._next_entity += 1
        stage.entities[command.entity] = shown
        stage.by_number[shown.number] = command.entity
        self._gateway.region.put(view.world_entity(stage.placed, shown.number, command.parts))
        return shown

    def _tell_entities(self, stage: Stage, changes: _Changes) -> None:
        gone = set(changes.removed)
        spawned = [
            {"id": s.number, "placement": stage.placed.id, **s.fields}
            for s in changes.spawned
            if s.number not in gone
        ]
        fresh = {row["id"] for row in spawned}
        changed = [row for row in changes.set if row["id"] not in gone and row["id"] not in fresh]
        for kind, key, rows in (
            ("remove", "ids", changes.removed),
            ("spawn", "entities", spawned),
            ("set", "entities", changed),
        ):
            for start in range(0, len(rows), 64):
                message = {"t": kind, key: rows[start : start + 64]}
                for player in stage.watchers:
                    self._gateway.send(player, message)

    def _tell_score(self, stage: Stage, number: int) -> None:
        match = stage.matches[number]
        names = {ref.id: ref.name for ref in self._gateway.players()}
        message = stage.scoreboard(match, names, self._clock())
        for player in {*match.status.players, *stage.inside}:
            self._gateway.send(player, message)
        if match.status.phase == "over":
            del stage.matches[number]

    # everything else

    def _send_on(self, stage: Stage, command: c.BusSend) -> None:
        """To the other placements of the parcel or Mall that run and may use the bus; states know their topics."""
        if not stage.bus.take(1, self._clock()):
            raise MallError(
                "play.too_many_bus_messages",
                f"A creation sends at most {BUS_PER_S:g} bus messages a second; the others are dropped.",
            )
        size = len(msgspec.msgpack.encode(command.data))
        if size > BUS_BYTES:  # the state checks this, so whoever sends it has broken out
            raise MallError(
                "play.bus_message_too_large", f"A bus message has {size} bytes, at most {BUS_BYTES}."
            )
        for other in self._stages.values():
            if (
                other is not stage
                and other.placed.premises == stage.placed.premises
                and "bus" in other.placed.capabilities
            ):
                self._post(other, Bus(command.topic, command.data))

    def _file(self, stage: Stage, command: c.Claim | c.BoardSubmit | c.BoardReset) -> None:
        if not stage.filing.take(1, self._clock()):
            raise MallError(
                "play.too_many_filed",
                f"A creation hands in at most {FILED_PER_S:g} claims and scores a second; the others are dropped.",
            )
        if isinstance(command, c.Claim):
            self._spawn_task(self._claim(stage, stage.session, command))
        elif isinstance(command, c.BoardSubmit):
            self._spawn_task(self._submit(stage, command))
        else:
            self._spawn_task(self._reset(stage, command.board))

    def _to_player(
        self,
        stage: Stage,
        command: c.Say | c.Emote | c.Teleport | c.Actions | c.UiShow | c.UiUpdate | c.UiClose | c.Toast,
    ) -> None:
        place, player = stage.placed.id, command.player
        if isinstance(command, c.Say):
            self._gateway.send(player, {"t": "say", "placement": place, "text": command.text})
        elif isinstance(command, c.Toast):
            self._gateway.send(player, {"t": "toast", "text": command.text, "kind": command.tone})
        elif isinstance(command, c.UiShow):
            tree = view.ui_tree(command.node)
            self._gateway.send(
                player, {"t": "ui_show", "placement": place, "id": command.panel, "tree": tree}
            )
        elif isinstance(command, c.UiUpdate):
            change = view.without_none(command.change)
            self._gateway.send(
                player, {"t": "ui_update", "placement": place, "id": command.id, "set": change}
            )
        elif isinstance(command, c.UiClose):
            self._gateway.send(player, {"t": "ui_close", "placement": place, "id": command.panel})
        elif isinstance(command, c.Teleport):
            yaw = math.radians(command.yaw) if command.yaw is not None else None
            self._gateway.teleport(player, stage.placed.to_world(command.at), yaw)
        elif isinstance(command, c.Actions):
            self._gateway.send(player, stage.show_actions(player, command.actions))
        else:
            ref = self._gateway.player(player)
            message = {"t": "emote", "slot": ref.slot if ref else 0, "name": command.name}
            for watcher in stage.watchers:
                self._gateway.send(watcher, message)

    def _effect(self, stage: Stage, command: c.Effect) -> None:
        at = self._gateway.position(command.player) if command.player is not None else None
        if command.player is not None and command.player not in stage.inside:
            return
        if command.at is not None:
            at = stage.placed.to_world(command.at)
        if at is None:
            return
        message = {
            "t": "effect", "placement": stage.placed.id, "name": command.name, "at": [round(v, 2) for v in at],
            "color": command.color or "", "sound": command.sound or "", "seconds": command.seconds,
        }  # fmt: skip
        for player in stage.watchers:
            self._gateway.send(player, message)

    async def _claim(self, stage: Stage, session: str, command: c.Claim) -> None:
        entered = stage.inside.get(command.player)
        standing = Standing(
            enabled=True,
            granted="reward.claim" in stage.placed.capabilities,
            present=entered is not None,
            presence=0.0 if entered is None else self._clock() - entered,
        )
        try:
            claim = await self._backstage.file_claim(stage.placed, session, command, standing)
        except MallError as error:
            log.warning("claim %d of placement %d was not filed: %s", command.claim, stage.placed.id, error)
            self._answer(stage, session, command, "refused", command.amount, error.code)
            return
        if claim.state == "rejected":
            self._answer(stage, session, command, "refused", amounts.plain(claim.amount), claim.reason)
        elif stage.session == session:
            stage.claims[claim.id] = command.claim
            if claim.state == "held":  # it stays filed for the creation until a person has decided
                return
            self._answer(stage, session, command, "booked", amounts.plain(claim.amount), "")

    def _answer(
        self,
        stage: Stage,
        session: str,
        command: c.Claim,
        state: Literal["refused", "booked"],
        amount: str,
        reason: str,
    ) -> None:
        """Tell the run of the creation that filed the claim what became of it; a later run knows nothing of it."""
        if stage.session == session:
            self._post(stage, ClaimChanged(command.claim, state, amount, reason))
            self.tell_pool(stage, command.pool, command.player)

    def tell_pool(self, stage: Stage, pool: str, player: int) -> None:
        """Tell the creation what a player may still win today."""
        if pool in stage.placed.pools:
            left = self._backstage.pool_left(stage.placed.id, pool, player)
            self._post(stage, PoolChanged(pool, player, amounts.plain(left)))

    async def _submit(self, stage: Stage, command: c.BoardSubmit) -> None:
        ref = self._gateway.player(command.player)
        if ref is not None and command.player in stage.inside:
            await self._backstage.submit_score(
                stage.placed.id, command.board, ref.id, ref.name, command.score
            )
            self.tell_board(stage, command.board)

    async def _reset(self, stage: Stage, board: str) -> None:
        await self._backstage.reset_board(stage.placed.id, board)
        self.tell_board(stage, board)

    def tell_board(self, stage: Stage, board: str) -> None:
        """Tell the creation the best of a board."""
        for period in PERIODS:
            self._post(
                stage, BoardChanged(board, period, self._backstage.board_rows(stage.placed.id, board, period))
            )


class _Changes:
    """What one outbox changes, gathered for one message of each kind."""

    def __init__(self) -> None:
        self.spawned: list[Shown] = []
        self.set: list[dict[str, Any]] = []
        self.removed: list[int] = []
        self.matches: set[int] = set()
