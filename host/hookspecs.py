"""The whole plugin contract. Hooks ask, events tell.

A plugin is a module or object with functions named as below, marked with `hookimpl`, that take any subset of
the arguments. Implementations are called one by one, each fenced: one that raises is reported and skipped, and
a plugin that fails five times in an hour is taken out. Wrappers are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pluggy

if TYPE_CHECKING:
    import click
    from sqlite_utils import Migrations

    from host.api import HostApi
    from host.config import Plain
    from host.events import Event

PROJECT = "mall_live"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class Setting:
    """One value an operator may set under `[plugins.<plugin>]`."""

    name: str
    default: Plain
    help: str


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A control message that a plugin handles: `handle(player, fields)` in the host's loop.

    `rate` is messages a second and `burst` how many may come at once, for each player.
    `feature` is told to clients in `welcome`, so that they show what belongs to it.
    """

    kind: str
    fields: Mapping[str, str]
    handle: Callable[[int, Mapping[str, Any]], None]
    rate: float
    burst: int
    feature: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allow or deny an act, with the reason that the actor will read."""

    allow: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of a check. `block` stops the act; `path` is the place (file:line or key)."""

    level: Literal["block", "warn", "info"]
    code: str
    message: str
    path: str = ""


class Specs:
    """The hooks."""

    @hookspec
    def mall_startup(self, host: HostApi) -> None:
        """The host is up: storage open, world running, no player let in yet."""

    @hookspec
    def mall_shutdown(self, host: HostApi) -> None:
        """The host is about to stop: players are gone, storage is still open."""

    @hookspec
    def mall_migrations(self) -> Sequence[Migrations]:  # type: ignore[empty-body]
        """The plugin's own tables."""

    @hookspec
    def mall_settings(self) -> Sequence[Setting]:  # type: ignore[empty-body]
        """What an operator may set."""

    @hookspec
    def mall_commands(self, cli: click.Group) -> None:
        """Add verbs to the `mall` command."""

    @hookspec
    def mall_client_messages(self, host: HostApi) -> Sequence[ClientMessage]:  # type: ignore[empty-body]
        """Control messages from clients that the plugin handles."""

    @hookspec
    def mall_permission(self, actor: str, roles: frozenset[str], action: str, subject: str) -> Verdict | None:
        """May this actor do this? None: no opinion. Any deny wins. Asked for: `city.enter` on `city`."""

    @hookspec
    def mall_scan_release(self, package: str, version: str, files: Mapping[str, bytes]) -> Sequence[Finding]:  # type: ignore[empty-body]
        """Findings on a submitted release, added to the host's own scan."""

    @hookspec
    def mall_claim_check(self, claim: Mapping[str, Any]) -> Sequence[Finding]:  # type: ignore[empty-body]
        """Findings on a claim for a reward before it is booked; a blocking one rejects it."""

    @hookspec
    def mall_event(self, host: HostApi, event: Event) -> None:
        """A fact, after it is durable. See docs/events.md."""
