"""What clients are shown of a creation's entities: components become the wire's flat fields. Pure."""

from __future__ import annotations

import math
from typing import Any

from msgspec import UNSET, structs

from host.play.models import Placed
from host.world.areas import Entity
from host.world.limits import MAX_AREA_RADIUS_M
from sandbox.commands import Area, Clickable, Label, Light, Mover, Part, Parts, Sky, UiNode

NO_MOTION: dict[str, Any] = {"spin": 0.0, "bob": 0.0, "bob_seconds": 2.4, "way": {}}


def entity_fields(placed: Placed, parts: Parts) -> dict[str, Any]:
    """Fields of the wire's `spawn` and `set` for what is given in `parts`; what a part takes away is sent empty."""
    fields: dict[str, Any] = {}
    if parts.at is not UNSET:
        fields["at"] = [round(v, 3) for v in placed.to_world(parts.at)]
    if parts.yaw is not UNSET:
        fields["yaw"] = round(math.radians(parts.yaw), 4)
    if parts.scale is not UNSET:
        fields["scale"] = list(parts.scale) if isinstance(parts.scale, tuple) else parts.scale
    for name in ("model", "color", "tags"):
        value = getattr(parts, name)
        if value is not UNSET:
            fields[name] = list(value) if isinstance(value, tuple) else value or ""
    if parts.label is not UNSET:
        fields |= _label(parts.label)
    if parts.clickable is not UNSET:
        fields |= _prompt(parts.clickable)
    if parts.light is not UNSET:
        light = parts.light
        fields["light"] = structs.asdict(light) if isinstance(light, Light) else {}
    if parts.mover is not UNSET:
        fields |= _motion(placed, parts.mover)
    return fields


def on_its_way(fields: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The same for a client that comes `seconds` after the entity set out on its way."""
    way = fields.get("way")
    return {**fields, "way": {**way, "age": round(max(0.0, seconds), 2)}} if way else fields


def sky(placed: Placed, shown: Sky) -> dict[str, Any]:
    """The wire's `sky` message: what is left out is the city's."""
    fields = {"time": shown.time, "tint": shown.tint, "fog": shown.fog}
    given = {name: value for name, value in fields.items() if value is not None}
    return {"t": "sky", "placement": placed.id, **given}


def _label(label: Label | bool) -> dict[str, Any]:
    if isinstance(label, Label):
        return {
            "label": label.text,
            "label_color": label.color or "",
            "label_height": label.height if label.height is not None else -1.0,
        }
    return {"label": ""}


def _prompt(clickable: Clickable | bool) -> dict[str, Any]:
    if isinstance(clickable, Clickable):
        return {"verb": clickable.verb, "prompt": clickable.prompt, "reach": clickable.reach}
    return {"verb": "", "prompt": ""}


def _motion(placed: Placed, mover: Mover | bool) -> dict[str, Any]:
    if not isinstance(mover, Mover):
        return NO_MOTION
    way: dict[str, Any] = {}
    if mover.to is not None:
        to = [round(v, 3) for v in placed.to_world(mover.to)]
        way = {"to": to, "seconds": mover.seconds or 1.0, "loop": mover.loop is True}
    spin = round(math.radians(mover.spin), 4)
    return {"spin": spin, "bob": mover.bob, "bob_seconds": mover.bob_seconds, "way": way}


def world_entity(placed: Placed, number: int, parts: Parts, before: Entity | None = None) -> Entity:
    """What the region has to know: where it is and how far its area reaches."""
    at = placed.to_world(parts.at) if parts.at is not UNSET else before.at if before else (0.0, 0.0, 0.0)
    radius = before.radius if before else 0.0
    if parts.area is not UNSET:
        radius = _radius(parts.area)
    return Entity(id=number, at=at, placement=placed.id, radius=radius)


def _radius(area: Area | bool) -> float:
    """Areas are cylinders in the world; a box counts as the cylinder around its larger side."""
    if not isinstance(area, Area):
        return 0.0
    reach = area.radius if area.radius is not None else max(area.size or (0.0,)) / 2
    return min(reach, MAX_AREA_RADIUS_M)


def ui_tree(node: UiNode) -> dict[str, Any]:
    """A UI tree as plain data, without empty fields."""
    fields = without_none(node)
    if node.children is not None:
        fields["children"] = [ui_tree(child) for child in node.children]
    return fields


def without_none(part: Part) -> dict[str, Any]:
    """The given fields of a part."""
    return {name: value for name, value in structs.asdict(part).items() if value is not None}
