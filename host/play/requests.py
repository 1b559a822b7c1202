"""What players ask of the creation on whose ground they are: checked, and told to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from host.errors import MallError
from host.gateway.gateway import Gateway
from host.gateway.limits import Bucket
from host.gateway.lobby import PlayerRef
from host.play.stage import Stage
from sandbox.events import Chat, Commanded, Emoted, Event, Input, Interact, Ui, split_command

EMOTES = ("wave", "cheer", "dance")
"""Gestures that every client can draw."""
EMOTE_M = 60.0
"""Who is nearer sees an emote; clients draw bodies up to 48 m away."""
EMOTES_PER_S, EMOTE_BURST = 1.0, 3.0


class Requests:
    """Handlers of the gateway's messages, and the two doors of the chat.

    Args:
        stages: all placements by number. post: tells an instance, now or when it has started.
    """

    def __init__(
        self,
        gateway: Gateway,
        stages: Mapping[int, Stage],
        post: Callable[[Stage, Event], None],
        clock: Callable[[], float],
    ) -> None:
        self._gateway = gateway
        self._stages = stages
        self._post = post
        self._clock = clock
        self._emotes: dict[int, Bucket] = {}
        gateway.handle("interact", self._interact)
        gateway.handle("input", self._input)
        gateway.handle("ui", self._ui)
        gateway.handle("emote", lambda player, fields: self.emote(player, fields["name"]))

    def on_left(self, player: int) -> None:
        """The player's client is gone."""
        self._emotes.pop(player, None)

    def stage_at(self, player: int) -> Stage | None:
        """The placement that counts the player as inside."""
        return next((stage for stage in self._stages.values() if player in stage.inside), None)

    def command(self, player: PlayerRef, line: str) -> bool:
        """Carry out a line such as "/bid 5": a command of the creation, or an emote. False when it is neither."""
        word, text = split_command(line)
        stage = self.stage_at(player.id)
        if stage is not None and word in stage.commands:
            self._post(stage, Commanded(player.id, word, text))
            return True
        if word not in EMOTES:
            return False
        self.emote(player, word)
        return True

    def said(self, player: int, text: str) -> None:
        """Tell the creation what a player on its ground said, where it may listen."""
        stage = self.stage_at(player)
        if stage is not None and "chat.listen" in stage.placed.capabilities:
            self._post(stage, Chat(player, text))

    def emote(self, player: PlayerRef, name: str) -> None:
        """Let the avatar make a gesture, and tell the creation.

        Raises:
            MallError: play.unknown_emote, play.too_many_emotes.
        """
        if name not in EMOTES:
            raise MallError("play.unknown_emote", f"Emotes are {', '.join(EMOTES)}.", name=name[:32])
        now = self._clock()
        bucket = self._emotes.setdefault(player.id, Bucket(EMOTES_PER_S, EMOTE_BURST, now))
        if not bucket.take(1, now):
            raise MallError(
                "play.too_many_emotes", f"At most {EMOTES_PER_S:g} emote a second; wait a moment."
            )
        self._gateway.send_near(
            self._gateway.region.position(player.slot),
            EMOTE_M,
            {"t": "emote", "slot": player.slot, "name": name},
        )
        stage = self.stage_at(player.id)
        if stage is not None:
            self._post(stage, Emoted(player.id, name))

    def _stage_of(self, player: int) -> Stage:
        stage = self.stage_at(player)
        if stage is not None:
            return stage
        if any(player in stage.spectators for stage in self._stages.values()):
            raise MallError("play.full", "This place is full; you may watch until somebody leaves.")
        raise MallError("play.not_inside", "Step onto the game's ground first.")

    def _interact(self, player: PlayerRef, fields: dict[str, Any]) -> None:
        stage, number, verb = self._stage_of(player.id), fields["entity"], fields["verb"]
        local = stage.by_number.get(number)
        shown = stage.entities.get(local) if local is not None else None
        if local is None or shown is None or not verb or shown.fields.get("verb") != verb:
            raise MallError("play.no_such_thing", "There is nothing like that here any more.", entity=number)
        if not self._gateway.region.within_reach(player.slot, number):
            raise MallError("play.out_of_reach", "Step closer.", entity=number)
        self._post(stage, Interact(player.id, local, verb))

    def _input(self, player: PlayerRef, fields: dict[str, Any]) -> None:
        stage, action = self._stage_of(player.id), fields["action"][:64]
        if not stage.may_press(player.id, action):
            raise MallError("play.no_such_action", "You cannot do that here now.", action=action)
        self._post(stage, Input(player.id, action))

    def _ui(self, player: PlayerRef, fields: dict[str, Any]) -> None:
        value = fields.get("value")
        if not isinstance(value, str | int | float | bool | None) or len(str(value)) > 1000:
            raise MallError("play.bad_value", "A panel answers with a short text, a number or yes and no.")
        stage = self._stage_of(player.id)
        if fields["placement"] == stage.placed.id:
            self._post(stage, Ui(player.id, fields["id"][:64], value))
