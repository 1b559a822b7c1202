"""Who comes into a placement and who goes: told to the player, to the creation and to the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from host.events import EventBus, PlayerEntered, PlayerExited
from host.gateway.gateway import Gateway
from host.play.stage import Stage
from host.world.step import PlaceEvent
from sandbox.events import Event, Leave


class Doors:
    """The doors of all placements of a region.

    Args:
        post: tells an instance. enter: tells it of a player who is inside now.
    """

    def __init__(
        self,
        gateway: Gateway,
        bus: EventBus,
        stages: Mapping[int, Stage],
        post: Callable[[Stage, Event], None],
        enter: Callable[[Stage, int], None],
        clock: Callable[[], float],
    ) -> None:
        self._gateway = gateway
        self._bus = bus
        self._stages = stages
        self._post = post
        self._enter = enter
        self._clock = clock

    def crossed(self, event: PlaceEvent) -> None:
        """A body came onto the ground of a placement, or went off it."""
        stage = self._stages.get(event.place)
        if stage is not None and event.entered:
            self.admit(stage, event.player)
        elif stage is not None and self.release(stage, event.player):
            self._gateway.send(event.player, {"t": "inside", "placement": 0})
            self._bus.publish(PlayerExited(at=self._clock(), player=event.player, placement=event.place))

    def admit(self, stage: Stage, player: int) -> None:
        """Let a player in who stands there; where it is full they watch until somebody leaves."""
        now, place = self._clock(), stage.placed.id
        if not stage.admit(player, now):
            self._gateway.send(player, {"t": "toast", "text": stage.full_notice(), "kind": "info"})
            return
        self._gateway.send(player, {"t": "inside", "placement": place})
        for message in stage.air_messages():
            self._gateway.send(player, message)
        self._bus.publish(PlayerEntered(at=now, player=player, placement=place))
        self._enter(stage, player)

    def release(self, stage: Stage, player: int, reason: str = "walked") -> bool:
        """Take a player out and let in who waited longest; whether the player was inside."""
        was_inside, next_in = stage.release(player)
        if was_inside:
            self._post(stage, Leave(player, reason))
        if next_in is not None:
            self.admit(stage, next_in)
        return was_inside
