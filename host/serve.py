"""The running host: the kernel with its sockets, its world and its games."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, TypeVar

import uvloop

from host.accounts.models import Account
from host.api import PlayerView
from host.config import Config, Plain, load
from host.control import ControlServer
from host.economy import amounts, claims, evidence
from host.errors import MallError
from host.events import ClaimChanged, Event, PlacementChanged
from host.gateway.district import CITY_DAY_S, DAY_S
from host.gateway.gateway import Gateway
from host.gateway.lobby import PlayerRef, Watcher
from host.gateway.server import PATH, GameServer
from host.gateway.ticker import Ticker
from host.herald import Herald
from host.hookspecs import ClientMessage
from host.kernel import Kernel, open_kernel
from host.land import atlas
from host.lobby import HostLobby
from host.pacing import paced
from host.play.desk import Desk
from host.play.recordings import Recordings
from host.play.retention import Keep
from host.play.service import Play
from host.storage.rows import Rows
from host.storage.tx import Tx
from host.treasurer import Treasurer
from host.wallets import Wallets
from sandbox import jail
from sandbox.errors import SandboxError
from sandbox.supervisor import Supervisor

log = logging.getLogger(__name__)
T = TypeVar("T")
REGION = 0
RENAMES_PER_S, RENAMES_BURST = 0.2, 5.0
"""Each change of name is a row of the audit trail."""


class Host(Watcher):
    """A host in service; `host` of the plugins' hooks.

    Attributes:
        gateway: the game socket's public side.
        wallets: own wallets of players.
        play: the running placements.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        config = kernel.config
        self.lobby = HostLobby(
            kernel.accounts, self.read, self.write, kernel.bus, kernel.clock, self._refusal
        )
        self.gateway = Gateway(atlas.region(REGION), self.lobby, day=self.day, host=config.name)
        self.recordings = Recordings(
            config.recordings, Keep.of(config), lambda: evidence.sessions(kernel.rows), kernel.clock
        )
        self.supervisor = Supervisor(
            workers=config.workers,
            recorder=self.recordings,
            on_outbox=lambda outbox: self.play.on_outbox(outbox),
            on_fault=lambda fault: self.play.on_fault(fault),
        )
        self.play = Play(
            self.gateway, self.supervisor, Desk(kernel, self.write, self.gateway.plan, self.recordings), kernel.bus,
            self.recordings, clock=kernel.clock, locale=self.lobby.locale, idle_seconds=config.idle_seconds,
        )  # fmt: skip
        self.lobby.leaving.append(self.play)
        self.herald = Herald(self.gateway, self.read, self.write, self._later)
        self.treasurer = Treasurer(kernel, config.epoch_seconds, config.reconcile_seconds)
        self._server = GameServer(self.gateway, config.listen, config.port)
        self._ticker = Ticker(self.gateway.tick)
        self._control = ControlServer(config.control_socket, self.execute)
        self._opened = AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()
        self._balances_due: set[int] = set()
        self._started = time.monotonic()
        self._rename_pace = paced("account", RENAMES_PER_S, RENAMES_BURST)
        self.wallets = Wallets(
            kernel, self.gateway, self.treasurer.run, self.write, self._later, self._balance_changed
        )
        self.lobby.by_wallet = self.wallets.sign_in
        self.lobby.leaving.append(self.wallets)
        self.gateway.handle("name", self._rename)
        self.gateway.watch(self)

    # life

    async def start(self) -> None:
        """Open everything, players last; what was opened is closed again when something fails.

        Raises:
            MallError: host.port_in_use, host.no_sandbox, control.unusable, plugin.*.
        """
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._opened = stack.pop_all()

    async def _open(self, stack: AsyncExitStack) -> None:
        loop, kernel = asyncio.get_running_loop(), self.kernel
        kernel.publish = lambda events: _to_loop(loop, self._publish, events)
        kernel.bus.subscribe(ClaimChanged, self._claim_changed)
        kernel.bus.subscribe(PlacementChanged, lambda _: self._later(self.play.refresh()))
        self.herald.listen(kernel.bus)
        kernel.bus.subscribe(Event, self._tell_plugins)
        stack.callback(self._drop_tasks)
        stack.callback(lambda: kernel.plugins.ask("mall_shutdown", host=self))
        stack.push_async_callback(self.treasurer.stop)
        stack.push_async_callback(self.recordings.stop)
        await self.recordings.start()
        stack.push_async_callback(self.supervisor.stop)
        try:
            await self.supervisor.start()
        except SandboxError as error:
            raise MallError(
                "host.no_sandbox", f"Lua workers do not start: {error}. See `mall doctor`."
            ) from error
        for weakness in jail.weaknesses(self.supervisor.jail_report()):
            log.warning("the jail of Lua workers is not whole: %s See `mall doctor`.", weakness)
        stack.push_async_callback(self.play.stop)
        self._take_plugin_messages()
        await self.play.refresh()
        kernel.plugins.ask("mall_startup", host=self)
        stack.callback(self._ticker.stop)
        stack.push_async_callback(self._server.stop)
        try:
            await self._server.start()
        except OSError as error:
            raise MallError(
                "host.port_in_use",
                f"Port {kernel.config.port} at {kernel.config.listen} cannot be taken ({error.strerror}). "
                "Stop what uses it, or name another with --port.",
                port=kernel.config.port,
            ) from error
        self._ticker.start()
        self.treasurer.start()
        stack.push_async_callback(self._control.stop)
        await self._control.start()

    async def stop(self) -> None:
        """Say bye, keep every store, finish the round of settlement that runs. One that fails stops no other."""
        await self._opened.aclose()

    def _drop_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    @property
    def port(self) -> int:
        """Where players connect."""
        return self._server.port

    @property
    def url(self) -> str:
        """Where a client on this machine connects."""
        return f"ws://127.0.0.1:{self.port}{PATH.decode()}"

    def day(self) -> float:
        """Second of the city's day (0..86,400): a city day lasts 40 minutes and begins in the morning."""
        return (self.kernel.clock() % CITY_DAY_S / CITY_DAY_S * DAY_S + DAY_S / 3) % DAY_S

    # the plugins' host

    def now(self) -> float:
        return self.kernel.clock()

    def setting(self, plugin: str, name: str) -> Plain:
        return self.kernel.plugins.setting(plugin, name)

    def player(self, player: int) -> PlayerView | None:
        ref, at = self.gateway.player(player), self.gateway.position(player)
        return None if ref is None or at is None else PlayerView(ref.id, ref.slot, ref.name, ref.guest, at)

    def players_near(self, at: tuple[float, float, float], radius: float) -> Sequence[PlayerView]:
        slots = set(self.gateway.region.near(at, radius))
        found = (self.player(ref.id) for ref in self.gateway.players() if ref.slot in slots)
        return [view for view in found if view is not None]

    def said(self, player: int, text: str) -> None:
        self.play.requests.said(player, text)

    def command(self, player: int, line: str) -> bool:
        ref = self.gateway.player(player)
        return ref is not None and self.play.requests.command(ref, line)

    def send(self, player: int, message: Mapping[str, Any]) -> None:
        self.gateway.send(player, message)

    def read(self) -> Rows:
        return self.kernel.rows

    def write(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        return asyncio.wrap_future(self.kernel.submit(work))

    # commands

    async def execute(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Run a command of the control socket, in the chain's thread; those of own wallets begin in the loop."""
        if verb in self.wallets.VERBS:
            return await self.wallets.execute(verb, arguments)
        answer = await self.treasurer.run(lambda: self.kernel.commands.run(verb, arguments))
        if verb == "status":
            answer |= self._live_status()
        return answer

    def _live_status(self) -> dict[str, Any]:
        stats = self._ticker.stats()
        return {
            "url": self.url,
            "uptime_s": round(time.monotonic() - self._started, 1),
            "players": [ref.name for ref in self.gateway.players()],
            "games": [s.placed.package for s in self.play.stages.values() if s.instance],
            "ticks": {"run": stats.ticks, "skipped": stats.skipped, "failed": stats.failed,
                      "work_ms": [round(v, 2) for v in stats.work_ms], "late_ms": [round(v, 2) for v in stats.late_ms]},
            "jail": dict(self.supervisor.jail_report()),
            "jail_warnings": jail.weaknesses(self.supervisor.jail_report()),
            "settlement": self.treasurer.stuck or "ok",
            "wallet_moves": self.wallets.moves_waiting(),
        }  # fmt: skip

    # the gateway's watcher

    def on_joined(self, player: PlayerRef) -> None:
        self.lobby.joined(player)
        self.wallets.joined(player)
        self._balance_changed(player.id)
        self.herald.joined(player)

    # what happens

    def _publish(self, events: list[Event]) -> None:
        for event in events:
            self.kernel.bus.publish(event)

    def _tell_plugins(self, event: Event) -> None:
        self.kernel.plugins.ask("mall_event", host=self, event=event)

    def _claim_changed(self, event: ClaimChanged) -> None:
        self.gateway.send(
            event.player,
            {"t": "claim", "id": event.claim, "state": event.after, "wei": str(event.amount),
             "text": amounts.show(event.amount), "tx": event.tx, "reason": event.reason},
        )  # fmt: skip
        self._balance_changed(event.player)

    def _balance_changed(self, player: int) -> None:
        """Ask the chain once for all changes that wait; only for who is here to be told."""
        if player not in self._balances_due and self.gateway.player(player) is not None:
            self._balances_due.add(player)
            self._later(self._tell_balance(player))

    async def _tell_balance(self, player: int) -> None:
        """Send a player the LIVE of the own wallet, read from the chain, and what is on its way."""
        ref = self.gateway.player(player)
        if ref is None:
            self._balances_due.discard(player)
            return
        wei, block = await self.treasurer.run(lambda: self._on_chain(player, ref.wallet))
        pending = claims.pending(self.read(), player)
        self.gateway.send(
            player,
            {"t": "balance", "wei": str(wei), "text": amounts.show(wei), "block": block,
             "pending_wei": str(pending), "pending_text": amounts.show(pending)},
        )  # fmt: skip

    def _on_chain(self, player: int, address: str) -> tuple[int, int]:
        self._balances_due.discard(player)
        chain = self.kernel.chain
        block = chain.head().number
        return int(self.kernel.deployment.live.call(chain, "balanceOf", address, block=block)), block

    def _refusal(self, account: Account) -> str:
        """Why a plugin keeps this account out of the city, "" where none does."""
        answers = self.kernel.plugins.ask(
            "mall_permission",
            actor=account.actor.ref,
            roles=account.roles,
            action="city.enter",
            subject="city",
        )
        return next(
            (verdict.reason or "You may not enter." for _, verdict in answers if not verdict.allow), ""
        )

    def _rename(self, player: PlayerRef, fields: dict[str, Any]) -> None:
        self._rename_pace(player)

        async def rename() -> None:
            try:
                account = await self.write(
                    lambda tx: self.kernel.accounts.rename(tx, player.id, fields["name"])
                )
            except MallError as error:
                self.gateway.send(player.id, {"t": "error", "code": error.code, "message": error.message})
                return
            self.gateway.rename(player.id, account.name)

        self._later(rename())

    def _take_plugin_messages(self) -> None:
        for plugin, messages in self.kernel.plugins.ask("mall_client_messages", host=self):
            for message in messages:
                self.gateway.handle(message.kind, self._limited(plugin, message), message.fields)
                if message.feature not in self.lobby.features:
                    self.lobby.features.append(message.feature)

    def _limited(self, plugin: str, message: ClientMessage) -> Callable[[PlayerRef, dict[str, Any]], None]:
        pace = paced(message.feature, message.rate, message.burst)

        def handle(player: PlayerRef, fields: dict[str, Any]) -> None:
            pace(player)
            self.kernel.plugins.fenced(plugin, message.handle, player.id, fields)

        return handle

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work beside the tick failed", exc_info=error)


def _to_loop(
    loop: asyncio.AbstractEventLoop, publish: Callable[[list[Event]], None], events: list[Event]
) -> None:
    """Hand events of the writer's thread to the loop; after the loop's end there is nobody to tell."""
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(publish, events)


async def serve(
    config: Config, ready: Callable[[Host], Awaitable[None]], progress: Callable[[str], None]
) -> None:
    """Run a host until it is told to stop (SIGINT, SIGTERM); `ready` is called once players can come."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    with open_kernel(config, progress) as kernel:
        progress("Opening the gates")
        host = Host(kernel)
        await host.start()
        try:
            await ready(host)
            await stopping.wait()
        finally:
            await host.stop()


def main() -> None:
    """Serve one data folder; one line of JSON on stdout says when players can come."""
    parser = argparse.ArgumentParser(prog="python -m host.serve")
    parser.add_argument("--data", required=True)
    parser.add_argument("--port", type=int)
    arguments = parser.parse_args()

    async def ready(host: Host) -> None:
        print(json.dumps({"ready": host.url}), flush=True)

    try:
        config = load(flags=vars(arguments))
        logging.basicConfig(
            level=config.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        uvloop.run(serve(config, ready, log.info))
    except MallError as error:
        print(json.dumps({"error": error.as_dict()}), flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
