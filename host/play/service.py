"""Runs the placements of a region: wakes them when somebody is near, tells what happens, applies what they propose.

Everything a creation proposes was checked in form by the sandbox; here it is checked against what is its own: its
entities, its ground, its players.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Literal

from host.economy import amounts
from host.errors import MallError
from host.events import ClaimChanged, EventBus
from host.gateway.gateway import Gateway
from host.gateway.lobby import PlayerRef, Watcher
from host.placements.faults import KILL_CODES
from host.play.backstage import Backstage
from host.play.commands import Applier
from host.play.doors import Doors
from host.play.faults import Faults, load_fault
from host.play.models import Placed
from host.play.recordings import Recordings
from host.play.requests import Requests
from host.play.stage import Stage
from host.world.step import Events, Trigger
from sandbox.errors import SandboxError
from sandbox.events import AreaCrossed, Enter, Event
from sandbox.events import ClaimChanged as ClaimNews
from sandbox.supervisor import Supervisor
from sandbox.wire import Fault, Outbox

log = logging.getLogger(__name__)
SWEEP_S = 1.0
RETRY_S = 15.0
News = Literal["settled", "paid", "refused"]
NEWS: dict[str, News] = {"settled": "settled", "paid": "paid", "rejected": "refused"}


class Play(Watcher):
    """The play layer of one region; a watcher of its gateway.

    Args:
        locale: of a player, as the client told it.
        idle_seconds: an instance that nobody sees stops after this time.
    """

    def __init__(
        self,
        gateway: Gateway,
        supervisor: Supervisor,
        backstage: Backstage,
        bus: EventBus,
        recordings: Recordings,
        *,
        clock: Callable[[], float],
        locale: Callable[[int], str],
        idle_seconds: float,
    ) -> None:
        self.stages: dict[int, Stage] = {}
        self.seed: int | None = None  # of every run, for previews; else each run draws its own
        self._gateway = gateway
        self._supervisor = supervisor
        self._backstage = backstage
        self._recordings = recordings
        self._clock = clock
        self._locale = locale
        self._idle_seconds = idle_seconds
        self._running: dict[int, Stage] = {}
        self._ending: dict[int, Stage] = {}  # told to stop; what they still propose counts
        self._closing: set[int] = set()
        self._refreshing = asyncio.Lock()
        self._next_instance = 1
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults = Faults(backstage, bus, self.spawn_task, clock)
        self._applier = Applier(
            gateway, backstage, self.spawn_task, self.post, self._breach, clock, self.stages
        )
        self._swept_at = 0.0
        self._positions: dict[int, tuple[float, float, float]] = {}
        self._doors = Doors(gateway, bus, self.stages, self.post, self._enter, clock)
        self.requests = Requests(gateway, self.stages, self.post, clock)
        gateway.watch(self)
        bus.subscribe(ClaimChanged, self._claim_changed)

    # placements come and go

    async def refresh(self) -> None:
        """Make the stages equal to the enabled placements; a changed release starts anew."""
        async with self._refreshing:
            self._take(await self._backstage.placed())

    def _take(self, enabled: Iterable[Placed]) -> None:
        placed = {p.id: p for p in enabled}
        for number, stage in list(self.stages.items()):
            if placed.get(number) != stage.enabled:
                self._drop(stage)
        for number, found in placed.items():
            if number not in self.stages:
                self._add(found)
        self._gateway.broadcast(self._places())

    def _add(self, placed: Placed) -> None:
        store = self._backstage.load_store(placed.id)
        stage = self.stages[placed.id] = Stage(placed, seed=self.seed, store=store)
        self._gateway.region.add_place(placed.id, placed.rect, placed.height)
        for ref in self._gateway.players():
            if self._sees(ref, placed):
                self._watch(stage, ref.id)
            if self._gateway.region.place_of(ref.slot) == placed.id:
                self._doors.admit(stage, ref.id)  # stood there while it was changed

    def _drop(self, stage: Stage) -> None:
        del self.stages[stage.placed.id]
        self._clear(stage)
        self._gateway.region.remove_place(stage.placed.id)
        for player in stage.inside:
            self._gateway.send(player, {"t": "inside", "placement": 0})
        if stage.instance or stage.waking:
            self._closing.add(stage.placed.id)
        if stage.instance:
            self.spawn_task(self._sleep(stage))

    async def stop(self) -> None:
        """Stop every instance and keep the stores."""
        for stage in list(self._running.values()):
            await self._sleep(stage)
        self._faults.flush()
        while self._tasks:
            await asyncio.gather(*list(self._tasks), return_exceptions=True)

    # the gateway's watcher

    def on_joined(self, player: PlayerRef) -> None:
        self._gateway.send(player.id, self._places())

    def on_cells(self, player: PlayerRef, entered: tuple[int, ...], left: tuple[int, ...]) -> None:
        for stage in self.stages.values():
            cell = self._cell(stage.placed)
            if cell in entered:
                self._watch(stage, player.id)
            elif cell in left:
                stage.watchers.discard(player.id)

    def on_left(self, player: PlayerRef, reason: str) -> None:
        """The player's client is gone."""
        for stage in self.stages.values():
            stage.watchers.discard(player.id)
            self._doors.release(stage, player.id, reason)
        self._positions.pop(player.id, None)
        self.requests.on_left(player.id)

    def on_tick(self, events: Events, now: float) -> None:
        for event in events.places:
            self._doors.crossed(event)
        for trigger in events.triggers:
            self._trigger(trigger)
        if self._gateway.region.tick % 2 == 0:
            self._tell_positions()
        self._supervisor.flush(self._clock())
        if now - self._swept_at >= SWEEP_S:
            self._swept_at = now
            self._sweep(now)

    # what players do

    def _enter(self, stage: Stage, player: int) -> None:
        ref, at = self._gateway.player(player), self._gateway.position(player)
        if ref is None or at is None:
            return
        self.post(
            stage, Enter(ref.id, ref.name, self._locale(ref.id), ref.guest, at=stage.placed.to_local(at))
        )  # fmt: skip
        for pool in stage.placed.pools:
            self._applier.tell_pool(stage, pool, player)

    def _trigger(self, trigger: Trigger) -> None:
        entity = self._gateway.region.entity(trigger.entity)
        stage = self.stages.get(entity.placement) if entity else None
        if stage is not None and trigger.player in stage.inside:
            local = stage.by_number.get(trigger.entity)
            if local is not None:
                self.post(stage, AreaCrossed(trigger.player, local, trigger.inside))

    def _tell_positions(self) -> None:
        for stage in self._running.values():
            moved = {}
            for player in stage.inside:
                at = self._gateway.position(player)
                if at is not None and self._positions.get(player) != at:
                    self._positions[player] = at
                    moved[player] = stage.placed.to_local(at)
            if moved:
                self._supervisor.move(stage.instance, moved)

    # instances

    def post(self, stage: Stage, event: Event) -> None:
        """Tell the instance, or keep the event while it is being started."""
        if stage.waking:
            stage.waiting.append(event)
        elif stage.instance:
            self._supervisor.post(stage.instance, event)

    def _watch(self, stage: Stage, player: int) -> None:
        stage.watchers.add(player)
        stage.idle_since = None
        for message in stage.spawn_messages(self._clock()):
            self._gateway.send(player, message)
        self.wake_if_seen(stage)

    def wake_if_seen(self, stage: Stage) -> None:
        """Start it where somebody looks; not before an earlier run has ended and its store is kept."""
        if stage.instance or stage.waking or stage.placed.id in self._closing:
            return
        if stage.watchers and self._clock() >= stage.retry_at:
            stage.waking = True
            self.spawn_task(self._wake(stage))

    async def _wake(self, stage: Stage) -> None:
        placed, number = stage.placed, self._next_instance
        self._next_instance += 1
        stage.begin(self._recordings.session(placed.id, number))
        try:
            loaded = await self._supervisor.load(stage.spec(number, self._clock()))
        except Exception as error:
            stage.waking, stage.waiting = False, []
            self._recordings.ended(number, 1, "it did not start")
            stage.retry_at = self._clock() + RETRY_S
            if self.stages.get(placed.id) is not stage:
                self._closing.discard(placed.id)
            if not isinstance(error, SandboxError):
                raise
            if error.code in KILL_CODES:
                stage.killed_at = self._clock()
            self._faults.add(placed.id, load_fault(number, error))
            return
        stage.instance, stage.waking = number, False
        self._running[number] = stage
        self._apply(stage, loaded.outbox)
        self._tell_state(stage)
        for player in stage.inside:
            self._enter(stage, player)
        waiting, stage.waiting = stage.waiting, []
        for event in waiting:
            if not isinstance(event, Enter):
                self.post(stage, event)
        if self.stages.get(placed.id) is not stage:
            await self._sleep(stage)

    async def _sleep(self, stage: Stage) -> None:
        """Stop the run and keep its store; only then may the placement wake again."""
        number, stage.instance = stage.instance, 0
        place = stage.placed.id
        self._closing.add(place)
        try:
            if self._running.pop(number, None) is None:
                return
            self._ending[number] = stage
            stage.store = await self._supervisor.unload(number)
            self._clear(stage)
            successor = self.stages.get(place)
            if successor is not None:
                successor.store = stage.store
            await self._backstage.save_store(place, stage.store)
        except (SandboxError, MallError) as error:
            log.warning("placement %d kept its last snapshot: %s", place, error)
        finally:
            self._ending.pop(number, None)
            self._closing.discard(place)

    def _clear(self, stage: Stage) -> None:
        """Take away what the instance has shown."""
        numbers = list(stage.by_number)
        for number in numbers:
            self._gateway.region.remove(number)
        if numbers:
            for player in stage.watchers:
                self._gateway.send(player, {"t": "remove", "ids": numbers})
        for player, message in stage.farewells():
            self._gateway.send(player, message)
        stage.forget()

    def _sweep(self, now: float) -> None:
        self._faults.flush()
        for stage in list(self._running.values()):
            if stage.watchers:
                stage.idle_since = None
            elif stage.idle_since is None:
                stage.idle_since = now
            elif now - stage.idle_since > self._idle_seconds:
                self.spawn_task(self._sleep(stage))
        for stage in self.stages.values():
            self.wake_if_seen(stage)

    # what the sandbox tells

    def on_outbox(self, outbox: Outbox) -> None:
        """Apply what an instance proposes."""
        stage = self._running.get(outbox.instance) or self._ending.get(outbox.instance)
        if stage is None:
            return
        if outbox.fresh:
            self._clear(stage)
            stage.begin(self._recordings.session(stage.placed.id, outbox.instance, outbox.generation))
        self._apply(stage, outbox)
        if outbox.fresh:
            self._tell_state(stage)
        if outbox.store is not None:
            stage.store = outbox.store
            self.spawn_task(self._backstage.save_store(stage.placed.id, outbox.store))

    def _tell_state(self, stage: Stage) -> None:
        """What a fresh state mirrors of the host's: boards, and the pools of who is inside."""
        for board in self._backstage.boards(stage.placed.id):
            self._applier.tell_board(stage, board)
        for pool in stage.placed.pools:
            for player in stage.inside:
                self._applier.tell_pool(stage, pool, player)

    def _apply(self, stage: Stage, outbox: Outbox) -> None:
        """Apply an outbox; a failure of ours is logged and must not reach the worker's other placements."""
        try:
            self._applier.apply(stage, outbox)
        except Exception:
            log.exception("an outbox of placement %d could not be applied", stage.placed.id)

    def _breach(self, stage: Stage, code: str, message: str) -> None:
        self._faults.add(stage.placed.id, Fault(stage.instance, code, message))

    def on_fault(self, fault: Fault) -> None:
        """An instance misbehaved."""
        self._recordings.faulted(fault)
        stage = self._running.get(fault.instance) or self._ending.get(fault.instance)
        if stage is not None:
            if fault.code == "sandbox.restarted":
                self._clear(stage)
                stage.begin("")  # late answers to the old run find nobody
            if fault.gone and self._running.pop(fault.instance, None) is not None:
                stage.instance, stage.retry_at = 0, self._clock() + RETRY_S
                stage.killed_at = self._clock() if fault.code in KILL_CODES else stage.killed_at
                self._clear(stage)
            self._faults.add(stage.placed.id, fault)

    def _claim_changed(self, event: ClaimChanged) -> None:
        stage, state = self.stages.get(event.placement), NEWS.get(event.after)
        if stage is None or state is None:
            return
        number = stage.claims.get(event.claim)
        if number is None:
            return
        if state != "settled":
            del stage.claims[event.claim]
        self.post(stage, ClaimNews(number, state, amounts.plain(event.amount), event.reason))

    # small things

    def _places(self) -> dict[str, Any]:
        return {"t": "places", "places": [s.placed.sign(len(s.inside)) for s in self.stages.values()]}

    def _cell(self, placed: Placed) -> int:
        return self._gateway.region.grid.cell_at(*placed.rect.centre)

    def _sees(self, ref: PlayerRef, placed: Placed) -> bool:
        cell = self._gateway.region.cell_of(ref.slot)
        return cell >= 0 and self._cell(placed) in self._gateway.region.grid.around(cell)

    def spawn_task(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the tick; its failure is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work beside the tick failed", exc_info=error)
