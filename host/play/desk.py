"""The durable side of play, on the kernel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from host.economy import claims, evidence
from host.economy.models import Claim, ClaimRequest, Refusal, Standing
from host.errors import MallError
from host.land import atlas
from host.land.atlas import RegionPlan
from host.packages.models import Package
from host.packages.scan import world_sources, world_texts
from host.placements.faults import FaultNote
from host.placements.limits import limits_for
from host.placements.models import Placement
from host.play import boards
from host.play.boards import Period
from host.play.models import Placed
from host.play.recordings import Recordings
from host.storage.tx import Tx
from host.world.geometry import Rect
from sandbox.commands import Claim as ClaimCommand

if TYPE_CHECKING:
    from host.kernel import Kernel

log = logging.getLogger(__name__)
COLORS = {"game": "#ffb020", "zone": "#3fb6c6", "shop": "#e8667a"}
TIERRA_OF_REGION = 1 << 10


class Desk:
    """Reads and writes what stages need.

    Args:
        write: runs a unit of work beside the loop.
        plan: the region whose placements are served.
        recordings: what proves claims.
    """

    def __init__(
        self,
        kernel: Kernel,
        write: Callable[[Callable[[Tx], Any]], Awaitable[Any]],
        plan: RegionPlan,
        recordings: Recordings,
    ) -> None:
        self._k = kernel
        self._write = write
        self._plan = plan
        self._recordings = recordings
        self._known: dict[tuple[int, str], Placed] = {}

    async def placed(self) -> Sequence[Placed]:
        """Enabled placements of the region. One that cannot be read, as its archive is lost, is left out and logged."""
        found = []
        for place in self._k.placements.enabled(self._k.rows):
            if place.tierra // TIERRA_OF_REGION == self._plan.number:
                try:
                    found.append(await self._placed(place))
                except MallError as error:
                    log.error("placement %d cannot run: %s", place.id, error)
        standing = {placed.id for placed in found}
        self._known = {key: value for key, value in self._known.items() if key[0] in standing}
        return found

    async def _placed(self, place: Placement) -> Placed:
        version = f"{place.digest}:{place.changed}"
        known = self._known.get((place.id, version))
        if known is None:
            release = self._k.packages.get(self._k.rows, place.release)
            holder = self._k.accounts.of_address(self._k.rows, place.holder)
            named = holder.name if holder else ""
            known = await asyncio.to_thread(lambda: _read(place, self._k.packages.open(release), named))
            self._known = {key: value for key, value in self._known.items() if key[0] != place.id}
            self._known[place.id, version] = known
        return known

    def load_store(self, placement: int) -> bytes:
        """The last snapshot of a placement's store; empty before the first."""
        return self._k.placements.load_store(self._k.rows, placement) or b""

    async def save_store(self, placement: int, data: bytes) -> None:
        """Keep a snapshot."""
        await self._write(lambda tx: self._k.placements.save_store(tx, placement, data))

    async def file_claim(
        self, placed: Placed, session: str, command: ClaimCommand, standing: Standing
    ) -> Claim:
        """Decide on a claim, after all that led to it is on the disk and the plugins were asked.

        Where the recording failed, a claim that breaks no rule is held for a person.
        """
        mark = await self._recordings.keep(session)
        player = self._k.accounts.get(self._k.rows, command.player)
        request = ClaimRequest(
            placement=placed.id, session=session, number=command.claim, pool=command.pool, player=player.id,
            address=player.address, amount=command.amount,
        )  # fmt: skip
        doubt = (
            Refusal("reward.not_recorded", f"What led to it cannot be proven: {mark.problem}.")
            if mark.problem
            else None
        )
        findings = self._k.plugins.findings("mall_claim_check", claim={**asdict(request), **asdict(standing)})

        def work(tx: Tx) -> Claim:
            place = self._k.placements.get(tx, placed.id)
            enabled = place.state == "enabled" and not place.pools_frozen
            claim = claims.file(tx, request, replace(standing, enabled=enabled), findings, doubt)
            evidence.note(tx, claim.id, mark)
            return claim

        decided: Claim = await self._write(work)
        return decided

    def pool_left(self, placement: int, pool: str, player: int) -> int:
        """Wei that this player may still win from the pool today."""
        found = claims.find_pool(self._k.rows, placement, pool)
        return 0 if found is None else claims.left_for(self._k.rows, found, player, self._k.clock())

    async def submit_score(self, placement: int, board: str, player: int, name: str, score: int) -> None:
        """Offer a score to a leaderboard."""
        await self._write(lambda tx: boards.submit(tx, placement, board, player, name, score))

    async def reset_board(self, placement: int, board: str) -> None:
        """Empty a leaderboard."""
        await self._write(lambda tx: boards.reset(tx, placement, board))

    def board_rows(self, placement: int, board: str, period: Period) -> tuple[tuple[int, str, int], ...]:
        """The best of a leaderboard."""
        return boards.top(self._k.rows, placement, board, period, self._k.clock())

    def boards(self, placement: int) -> list[str]:
        """Leaderboards that hold scores."""
        return boards.names(self._k.rows, placement)

    async def note_faults(self, placement: int, faults: Sequence[FaultNote]) -> None:
        """Keep faults; a placement with too many is paused, and its holder and its author are told."""
        paused = await self._write(lambda tx: self._k.placements.note_faults(tx, placement, faults))
        if paused:
            log.warning("placement %d was paused: %s", placement, paused)


def _read(place: Placement, package: Package, holder: str) -> Placed:
    """What play needs of a package that may be large: for a thread beside the loop."""
    manifest = package.manifest
    return Placed(
        id=place.id, package=place.package, version=place.version, digest=place.digest, kind=manifest.kind,
        title=manifest.title, tierra=place.tierra, rect=ground(place), height=float(manifest.footprint.height),
        max_players=manifest.footprint.max_players,
        capabilities=place.grants, settings=place.settings,
        pools=tuple(pool.name for pool in manifest.pools), sources=world_sources(package.files),
        entry=manifest.entry,
        texts=world_texts(package.files),
        facts={
            "id": place.tierra, "cells": place.width * place.depth, "height": manifest.footprint.height,
            "address": atlas.address(place.tierra), "holder_name": holder, "mall_id": "", "island": "",
        },
        color=COLORS[manifest.kind], enabled_at=place.changed,
        language=manifest.languages[0] if manifest.languages else "en",
        limits=limits_for(manifest.budget, place.width * place.depth),
    )  # fmt: skip


def ground(place: Placement) -> Rect:
    """The footprint of a placement, metres, region-local; inner lanes belong to it."""
    plot = atlas.tierra(place.tierra)
    last = atlas.number_at(plot.region, plot.x + place.width - 1, plot.y + place.depth - 1)
    east, south = atlas.tierra(last).rect.east, atlas.tierra(last).rect.south
    return Rect(plot.rect.x, plot.rect.z, east - plot.rect.x, south - plot.rect.z)
