"""A gateway on a real socket for tests: the real region, ticker and server, and a lobby that lets everybody in."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from host.errors import MallError
from host.gateway.gateway import Gateway
from host.gateway.limits import Limits
from host.gateway.lobby import Admission, Hello, PlayerRef
from host.gateway.server import GameServer
from host.gateway.ticker import Ticker
from host.land.atlas import region


@dataclass
class OpenLobby:
    """Signs everybody in as a guest and remembers tokens and what it is told."""

    features: list[str] = field(default_factory=lambda: ["chat"])
    spawn: tuple[float, float, float, float] | None = None
    players: dict[str, int] = field(default_factory=dict)
    said: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    _gone: defaultdict[int, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def sign_in(self, hello: Hello) -> Admission:
        token = hello.token or secrets.token_hex(8)
        if hello.token and hello.token not in self.players:
            raise MallError("account.bad_token", "This token is not known; sign in anew.")
        player = self.players.setdefault(token, len(self.players) + 1)
        return Admission(
            player, hello.name or f"Guest {player}", token, "0x" + "0" * 40, True, "#88ccff", self.spawn
        )

    def on_message(self, player: PlayerRef, kind: str, fields: dict[str, Any]) -> None:
        self.said.append((player.id, kind, fields))

    def on_left(self, player: PlayerRef) -> None:
        self.left.append(player.id)
        self._gone[player.id].set()

    async def gone(self, player: int) -> None:
        """Wait until this player has left."""
        await self._gone[player].wait()


@dataclass
class World:
    url: str
    gateway: Gateway
    lobby: OpenLobby
    ticker: Ticker


@asynccontextmanager
async def world(lobby: OpenLobby | None = None, limits: Limits | None = None) -> AsyncIterator[World]:
    """A served region 0, stopped at the end."""
    lobby = lobby or OpenLobby()
    gateway = Gateway(region(0), lobby, limits=limits)
    server = GameServer(gateway)
    ticker = Ticker(gateway.tick)
    await server.start()
    ticker.start()
    try:
        yield World(f"ws://127.0.0.1:{server.port}/", gateway, lobby, ticker)
    finally:
        await server.stop()
        ticker.stop()
