"""Components of entities and nodes of UI trees, as they stand on the wire."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

Id: TypeAlias = Annotated[int, Meta(ge=1, le=1 << 53)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\w#][\w.:/-]*$")]
Color: TypeAlias = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]
Vec3: TypeAlias = tuple[float, float, float]
Score: TypeAlias = Annotated[int, Meta(ge=-(1 << 40), le=1 << 40)]
Angle: TypeAlias = Annotated[float, Meta(ge=-360, le=360)]
Figure: TypeAlias = Annotated[float, Meta(ge=-1e15, le=1e15)]
Scalar: TypeAlias = bool | int | float | Annotated[str, Meta(max_length=1000)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of the parts of components: a map on the wire, no unknown keys."""


class Collider(Part, frozen=True):
    """Solid: the shape of the model, or a box of `size` metres."""

    shape: Literal["model", "box"]
    size: Vec3 | None = None


class Area(Part, frozen=True):
    """Where walking in and out is told: a cylinder of `radius` or a box of `size` metres around the entity."""

    radius: Annotated[float, Meta(ge=0.1, le=256)] | None = None
    size: Vec3 | None = None


class Label(Part, frozen=True):
    """Floating text, `height` metres above the entity."""

    text: Annotated[str, Meta(max_length=120)]
    height: Annotated[float, Meta(ge=0, le=64)] | None = None
    color: Color | None = None


class Light(Part, frozen=True):
    """A lamp that reaches `range` metres."""

    color: Color
    energy: Annotated[float, Meta(ge=0, le=16)]
    range: Annotated[float, Meta(gt=0, le=64)]


class Sound(Part, frozen=True):
    """A sound of the client's own library."""

    name: Name
    volume: Annotated[float, Meta(ge=0, le=1)] = 1.0
    range: Annotated[float, Meta(gt=0, le=64)] = 15.0
    loop: bool = False


class Clickable(Part, frozen=True):
    """A prompt within `reach` metres that sends `interact` with `verb`."""

    prompt: Annotated[str, Meta(max_length=80)]
    verb: Name
    reach: Annotated[float, Meta(ge=0.5, le=10)]


class Mover(Part, frozen=True):
    """Motion drawn by the client: `spin` degrees a second, `bob` metres, and a way `to` a place in `seconds`."""

    spin: Annotated[float, Meta(ge=-3600, le=3600)] = 0.0
    bob: Annotated[float, Meta(ge=0, le=16)] = 0.0
    bob_seconds: Annotated[float, Meta(ge=0.1, le=60)] = 2.4
    to: Vec3 | None = None
    seconds: Annotated[float, Meta(ge=0.05, le=600)] | None = None
    loop: bool | None = None


class Parts(Part, frozen=True):
    """Components of an entity. A part that is left out stays; `False` takes it away."""

    at: Vec3 | UnsetType = UNSET
    yaw: Angle | UnsetType = UNSET
    scale: float | Vec3 | UnsetType = UNSET
    model: Name | bool | UnsetType = UNSET
    color: Color | bool | UnsetType = UNSET
    collider: Collider | bool | UnsetType = UNSET
    area: Area | bool | UnsetType = UNSET
    label: Label | bool | UnsetType = UNSET
    light: Light | bool | UnsetType = UNSET
    sound: Sound | bool | UnsetType = UNSET
    state: Annotated[dict[Name, Scalar], Meta(max_length=16)] | bool | UnsetType = UNSET
    tags: Annotated[tuple[Name, ...], Meta(max_length=8)] | UnsetType = UNSET
    clickable: Clickable | bool | UnsetType = UNSET
    mover: Mover | bool | UnsetType = UNSET


NodeKind: TypeAlias = Literal[
    "column",
    "row",
    "grid",
    "list",
    "text",
    "image",
    "model",
    "button",
    "input",
    "choice",
    "slider",
    "progress",
]


class UiNode(Part, frozen=True):
    """One node of a UI tree; `role` serves screen readers and styling, `place` where a panel goes."""

    kind: NodeKind
    id: Name | None = None
    label: Annotated[str, Meta(max_length=120)] | None = None
    role: Name | None = None
    place: Name | None = None
    text: Annotated[str, Meta(max_length=1000)] | None = None
    value: Scalar | None = None
    options: Annotated[tuple[str, ...], Meta(max_length=32)] | None = None
    children: Annotated[tuple[UiNode, ...], Meta(max_length=128)] | None = None
    color: Color | None = None
    size: Annotated[float, Meta(ge=0.5, le=4)] | None = None
    columns: Annotated[int, Meta(ge=1, le=12)] | None = None
    min: Figure | None = None
    max: Figure | None = None
    step: Figure | None = None


class UiChange(Part, frozen=True):
    """What changes on one node."""

    text: Annotated[str, Meta(max_length=1000)] | None = None
    value: Scalar | None = None
    label: Annotated[str, Meta(max_length=120)] | None = None
    color: Color | None = None
    enabled: bool | None = None
    hidden: bool | None = None


REMOVABLE = (
    "model",
    "color",
    "collider",
    "area",
    "label",
    "light",
    "sound",
    "state",
    "clickable",
    "mover",
)
