"""Manifests, packages and releases as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.hookspecs import Finding
from host.packages.limits import Budget

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Age:
    """The answers of the age questionnaire: `rating` is everyone, teen or adult."""

    rating: str
    descriptors: tuple[str, ...]
    answers_version: int


@dataclass(frozen=True, slots=True)
class Footprint:
    """Room that is needed: cells of 15 m, height in metres."""

    width: int
    depth: int
    height: int
    min_players: int
    max_players: int

    @property
    def cells(self) -> int:
        """How many Tierra it covers."""
        return self.width * self.depth


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """Ceilings of one prize pool; amounts in wei, times in seconds."""

    name: str
    per_claim: int
    per_player_day: int
    total: int
    cooldown: int
    min_presence: int


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the holder's form. `type`: integer, number, boolean, text, choice or color (#rrggbb).

    `low` and `high` bound a number, or a text's length.
    """

    name: str
    type: str
    default: Value
    label: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asset:
    """One listed file under assets/."""

    path: str
    kind: str
    bytes: int
    sha256: str
    license: str
    credit: str


@dataclass(frozen=True, slots=True)
class Product:
    """A category and template of a shop; never a price."""

    category: str
    template: str
    title: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked package.toml. See creator_api section 1."""

    id: str
    version: str
    notes: str
    api: int
    kind: str
    entry: str
    title: str
    summary: str
    tags: tuple[str, ...]
    languages: tuple[str, ...]
    license: str
    authors: tuple[str, ...]
    source: str
    modes: tuple[str, ...]
    venue: str
    ai: str
    age: Age
    footprint: Footprint
    required: frozenset[str]
    optional: frozenset[str]
    why: Mapping[str, str]
    hosts: tuple[str, ...]
    budget: Budget
    pools: tuple[PoolPlan, ...]
    products: tuple[Product, ...]
    settings: tuple[Field, ...]
    depends: Mapping[str, str]
    optional_depends: Mapping[str, str]
    share: Mapping[str, int]
    assets: tuple[Asset, ...]

    @property
    def author(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    @property
    def capabilities(self) -> frozenset[str]:
        """All that it asks for."""
        return self.required | self.optional


@dataclass(frozen=True, slots=True)
class Package:
    """An opened archive: its files by path, its manifest, and the digest that a signature covers (64 hex digits)."""

    manifest: Manifest
    files: Mapping[str, bytes]
    digest: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """A package whose archive, signature and content were checked and stored; ready to submit."""

    package: Package
    signer: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a package, where it stands, and who signed it. `changed` in seconds, UTC."""

    id: int
    package: str
    version: str
    digest: str
    kind: str
    title: str
    state: str
    signer: str
    submitter: str
    reviewer: str
    reason: str
    changed: float
