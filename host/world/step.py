"""What one tick of a region gives: frames for clients and events for the rest of the host."""

from __future__ import annotations

from dataclasses import dataclass

from host.world.frames import SNAP_CORRECTION, SNAPSHOT, SNAPSHOT_STRUCT


@dataclass(frozen=True, slots=True)
class Trigger:
    """A body entered (`inside`) or left the area of an entity. Nothing is told when the entity is removed."""

    slot: int
    player: int
    entity: int
    inside: bool


@dataclass(frozen=True, slots=True)
class PlaceEvent:
    """A body entered or left the footprint of a placement."""

    slot: int
    player: int
    place: int
    entered: bool


@dataclass(frozen=True, slots=True)
class Events:
    """What the moves of a tick caused, for the rules of games."""

    places: tuple[PlaceEvent, ...] = ()
    triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewChange:
    """The cells a client sees have changed: what came into view and what went out of it."""

    slot: int
    player: int
    entered: tuple[int, ...]
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What one tick gives. Frames are made when asked for, so that none is made for a client that cannot take it."""

    tick: int
    bodies: dict[int, bytes]
    own: dict[int, bytes]
    corrections: dict[int, bytes]
    acks: list[int]
    cells: list[int]
    events: Events
    views: list[ViewChange]

    def frame(self, slot: int) -> bytes | None:
        """The SNAPSHOT frame of this client, None when there is nothing to tell."""
        body = self.own.get(slot)
        if body is None:
            body = self.bodies.get(self.cells[slot], b"")
        correction = self.corrections.get(slot)
        if correction is not None:
            return (
                SNAPSHOT_STRUCT.pack(SNAPSHOT, SNAP_CORRECTION, self.acks[slot], self.tick)
                + correction
                + body
            )
        if not body:
            return None
        return SNAPSHOT_STRUCT.pack(SNAPSHOT, 0, self.acks[slot], self.tick) + body
