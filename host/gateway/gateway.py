"""All sessions of one region: sign-in, routing of control messages, and one snapshot a tick to each client.

No socket and no clock in here: a server hands frames in (`open`, then the session's `on_*`), a ticker calls `tick`.
Players are known by id; a slot is only where the region keeps their body.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from host.errors import MallError
from host.gateway import codec, schema
from host.gateway.district import district_message
from host.gateway.limits import Limits
from host.gateway.lobby import Admission, Hello, Lobby, PlayerRef, Watcher
from host.gateway.session import Link, Session, State
from host.land.atlas import RegionPlan
from host.world.frames import SLOT_PREFIX
from host.world.region import Point, Region
from host.world.step import Events

Handler = Callable[[PlayerRef, codec.Fields], None]
_log = logging.getLogger(__name__)
_MAX_WHO = 256
_SWEEP_S = 0.5


class Gateway:
    """The game socket's public side for the rest of the host.

    Args:
        plan: the region that is served.
        lobby: who signs players in and takes messages that no handler was registered for.
        day: second of the city's day for a client that joins, 0..86,400.
        host: name shown to players.
        clock: host seconds; every time in here comes from it or from `tick`.
    """

    def __init__(
        self,
        plan: RegionPlan,
        lobby: Lobby,
        *,
        limits: Limits | None = None,
        day: Callable[[], float] = lambda: 43_200.0,
        host: str = "mall.live",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.plan = plan
        self.region = Region(plan.walkable)
        self.limits = limits or Limits()
        self.kinds = {kind: dict(fields) for kind, fields in schema.CLIENT_MESSAGES.items()}
        self.clock = clock
        self._lobby = lobby
        self._day = day
        self._host = host
        self._handlers: dict[str, Handler] = {"ping": self._ping, "who": self._who, "leave": self._leave}
        self._watchers: list[Watcher] = []
        self._sessions: set[Session] = set()
        self._live: dict[int, Session] = {}
        self._by_slot: dict[int, Session] = {}
        self._signing_in: dict[Session, asyncio.Task[None]] = {}
        self._at_wallets: dict[Session, asyncio.Task[None]] = {}
        self._moves = bytearray()
        self._swept_at = -math.inf

    # for plugins and the play layer

    def handle(self, kind: str, handler: Handler, fields: Mapping[str, str] | None = None) -> None:
        """Take control messages of one kind.

        Args:
            fields: of a kind that the schema does not know yet, in the schema's types.

        Raises:
            ValueError: the kind is handled already, or it is unknown and has no fields, or a type is none.
        """
        if kind in self._handlers or kind == "hello":
            raise ValueError(f"`{kind}` has a handler already")
        if kind not in self.kinds:
            if fields is None or not all(map(codec.known_type, fields.values())):
                raise ValueError(f"`{kind}` is not in the schema: name its fields in the schema's types")
            self.kinds[kind] = dict(fields)
        self._handlers[kind] = handler

    def watch(self, watcher: Watcher) -> None:
        """Tell this one what happens in the world, in the order of registration."""
        self._watchers.append(watcher)

    def send(self, player: int, message: Mapping[str, Any]) -> bool:
        """Send a control message (`t` names its kind); False when the player is not here."""
        session = self._live.get(player)
        if session is None:
            return False
        session.send(codec.encode(message))
        return True

    def send_near(self, at: Point, radius: float, message: Mapping[str, Any]) -> int:
        """Send to everybody within `radius` metres of `at`; to how many."""
        payload = codec.encode(message)
        near = [self._by_slot[slot] for slot in self.region.near(at, radius) if slot in self._by_slot]
        for session in near:
            session.send(payload)
        return len(near)

    def broadcast(self, message: Mapping[str, Any]) -> int:
        """Send to everybody; to how many."""
        payload = codec.encode(message)
        everybody = list(self._live.values())
        for session in everybody:
            session.send(payload)
        return len(everybody)

    def close(self, player: int, code: str, message: str, *, retry: bool = False) -> bool:
        """Say bye to a player; False when it is not here."""
        session = self._live.get(player)
        if session is None:
            return False
        session.close(code, message, retry=retry)
        return True

    def players(self) -> list[PlayerRef]:
        """Everybody who is live."""
        return [session.player for session in self._live.values() if session.player is not None]

    def player(self, player: int) -> PlayerRef | None:
        """This player, when live."""
        session = self._live.get(player)
        return session.player if session is not None else None

    def position(self, player: int) -> Point | None:
        """Where the player is, metres; None when not live."""
        ref = self.player(player)
        return self.region.position(ref.slot) if ref is not None else None

    def teleport(self, player: int, at: Point, yaw: float | None = None) -> bool:
        """Put a player somewhere else (metres) and tell its client; False when it is not here.

        Args:
            yaw: radians, where it looks then; None: as before.

        Raises:
            MallError: `world.out_of_bounds`.
        """
        ref = self.player(player)
        if ref is None:
            return False
        self.region.place(ref.slot, at, self.clock(), yaw)
        message: dict[str, Any] = {"t": "teleport", "at": list(at)}
        return self.send(player, message if yaw is None else {**message, "yaw": round(yaw, 4)})

    def relink(self, player: int, wallet: str) -> bool:
        """A live player has an own wallet now; False when it is not here."""
        session = self._live.get(player)
        if session is None or session.player is None:
            return False
        session.player = replace(session.player, wallet=wallet, guest=False)
        return True

    def rename(self, player: int, name: str) -> bool:
        """Give a live player another name and tell everybody; False when it is not here."""
        session = self._live.get(player)
        if session is None or session.player is None:
            return False
        session.player = replace(session.player, name=name)
        self.broadcast({"t": "who", "players": [_card(session.player)]})
        return True

    # for the server and the ticker

    def open(self, link: Link) -> Session | None:
        """A socket was opened; None when the host is full (the caller closes it with `host.full`)."""
        session = Session(self, link, self.clock())
        if len(self._sessions) >= self.limits.sessions:
            session.state = State.CLOSED
            return None
        self._sessions.add(session)
        return session

    def tick(self, now: float) -> None:
        """One step of the region and one frame to each client that can take one."""
        moves = bytes(self._moves)
        self._moves.clear()
        step = self.region.step(moves, now, lambda events: self._tell_tick(events, now))
        for slot, session in list(self._by_slot.items()):
            if session.stalled_at is None:
                frame = step.frame(slot)
                if frame is not None:
                    session.send_snapshot(frame)
        for view in step.views:
            watched = self._by_slot.get(view.slot)
            if watched is not None and watched.player is not None:
                for watcher in self._watchers:
                    self._fenced(watcher.on_cells, watched.player, view.entered, view.left)
        if now - self._swept_at >= _SWEEP_S:
            self._swept_at = now
            for session in list(self._sessions):
                session.sweep(now)

    async def stop(self, message: str = "The host is stopping; try again in a moment.") -> None:
        """Say bye to everybody and wait for sign-ins to end."""
        for session in list(self._sessions):
            session.close("host.stopping", message, retry=True)
        tasks = [*self._signing_in.values(), *self._at_wallets.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # for sessions

    def said_hello(self, session: Session, hello: Hello) -> None:
        # Who waits for a wallet waits for minutes: they must not take the places of others.
        waiting = self._at_wallets if hello.wallet else self._signing_in
        most = self.limits.waiting_wallets if hello.wallet else self.limits.signing_in
        if len(waiting) >= most:
            session.close("host.full", "Too many players are signing in; try again in a moment.", retry=True)
            return
        task = asyncio.get_running_loop().create_task(self._sign_in(session, hello))
        waiting[session] = task
        task.add_done_callback(lambda _: waiting.pop(session, None))

    def said(self, session: Session, kind: str, fields: codec.Fields) -> None:
        player = session.player
        if player is None:
            return
        try:
            handler = self._handlers.get(kind)
            if handler is not None:
                handler(player, fields)
            else:
                self._lobby.on_message(player, kind, fields)
        except MallError as refusal:
            session.refuse(refusal, self.clock())
        except Exception:
            _log.exception("the handler of %r failed", kind)
            session.refuse(MallError("host.error", "The host failed at this; it is noted."), self.clock())

    def moved(self, session: Session, frame: bytes) -> None:
        if session.player is not None:
            self._moves += SLOT_PREFIX.pack(session.player.slot) + frame

    def fell_behind(self, session: Session) -> None:
        if session.player is not None:
            self.region.mute(session.player.slot)

    def caught_up(self, session: Session) -> None:
        if session.player is not None:
            self.region.refresh(session.player.slot)

    def gone(self, session: Session) -> None:
        self._sessions.discard(session)
        waiting = self._at_wallets.get(session)
        if waiting is not None and waiting is not asyncio.current_task():
            waiting.cancel()
        player = session.player
        if player is None or self._live.get(player.id) is not session:
            return
        self._fenced(self._lobby.on_left, player)
        del self._live[player.id]
        del self._by_slot[player.slot]
        self.region.leave(player.slot)

    async def _sign_in(self, session: Session, hello: Hello) -> None:
        try:
            limit = self.limits.wallet_s if hello.wallet else self.limits.sign_in_s
            async with asyncio.timeout(limit):
                admission = await self._lobby.sign_in(hello)
            if session.state is State.SIGNING_IN:
                self._welcome(session, admission)
        except MallError as refusal:
            code = "host.full" if refusal.code == "world.region_full" else refusal.code
            session.close(code, refusal.message, retry=code == "host.full")
        except TimeoutError:
            session.close("host.error", "Signing in took too long; try again.", retry=True)
        except Exception:
            _log.exception("signing in failed")
            session.close("host.error", "Signing in failed; it is noted.", retry=True)

    def _welcome(self, session: Session, admission: Admission) -> None:
        older = self._live.get(admission.player)
        spawn = admission.spawn
        if older is not None and older.player is not None:
            slot = older.player.slot
            spawn = spawn or (*self.region.position(slot), self.region.yaw(slot))
            older.close("account.elsewhere", "This player has signed in from somewhere else.")
        slot = self._join(admission.player, spawn)
        player = PlayerRef(
            admission.player, admission.name, admission.color, admission.wallet, admission.guest, slot
        )
        session.player = player
        session.state = State.LIVE
        self._live[player.id] = session
        self._by_slot[slot] = session
        if session.stalled_at is not None:
            self.region.mute(slot)
        welcome = {
            "t": "welcome",
            "v": schema.VERSION,
            "player": player.id,
            "slot": slot,
            "name": player.name,
            "token": admission.token,
            "wallet": player.wallet,
            "guest": player.guest,
            "spawn": [*self.region.position(slot), self.region.yaw(slot)],
            "tick": self.region.tick,
            "features": list(self._lobby.features),
            "host": self._host,
        }
        session.send(codec.encode(welcome))
        session.send(codec.encode(district_message(self.plan, self._day())))
        for watcher in self._watchers:
            self._fenced(watcher.on_joined, player)

    def _join(self, player: int, spawn: tuple[float, float, float, float] | None) -> int:
        """A body at `spawn`; at the region's own when there is none or it is no longer on walkable ground."""
        if spawn is not None:
            try:
                return self.region.join(player, spawn[:3], spawn[3], self.clock())
            except MallError as refusal:
                if refusal.code != "world.out_of_bounds":
                    raise
        x, y, z, yaw = self._scattered()
        return self.region.join(player, (x, y, z), yaw, self.clock())

    def _scattered(self) -> tuple[float, float, float, float]:
        """The region's spawn, a few steps aside, so that newcomers do not stand in each other (sunflower spiral)."""
        x, y, z, yaw = self.plan.spawn
        index = len(self._live) % 64
        away, angle = 0.9 * math.sqrt(index), index * math.pi * (3 - math.sqrt(5))
        return x + away * math.cos(angle), y, z + away * math.sin(angle), yaw

    def _tell_tick(self, events: Events, now: float) -> None:
        for watcher in self._watchers:
            self._fenced(watcher.on_tick, events, now)

    def _fenced(self, call: Callable[..., None], *args: object) -> None:
        """One listener's error is reported and stops nobody else."""
        try:
            call(*args)
        except Exception:
            _log.exception("%s failed", getattr(call, "__qualname__", call))

    # handlers of the gateway's own

    def _ping(self, player: PlayerRef, fields: codec.Fields) -> None:
        self.send(player.id, {"t": "pong", "n": fields["n"], "tick": self.region.tick})

    def _who(self, player: PlayerRef, fields: codec.Fields) -> None:
        asked = (self._by_slot.get(slot) for slot in fields["slots"][:_MAX_WHO])
        cards = [
            _card(session.player) for session in asked if session is not None and session.player is not None
        ]
        self.send(player.id, {"t": "who", "players": cards})

    def _leave(self, player: PlayerRef, fields: codec.Fields) -> None:
        self.close(player.id, "account.left", "Until next time.")


def _card(player: PlayerRef) -> dict[str, Any]:
    return {"slot": player.slot, "id": player.id, "name": player.name, "color": player.color}
