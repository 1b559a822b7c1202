"""The game socket on picows: WebSocket frames to sessions and back. TLS is the business of the proxy in front."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from host.accounts.pace import client_address
from host.gateway import schema
from host.gateway.gateway import Gateway
from host.gateway.session import Session

PATH = b"/"
_MAX_FRAME = 64 * 1024
"""Beyond this picows itself cuts (1009); up to it the session answers with `wire.too_large`."""


class _Socket(WSListener):
    """One WebSocket: the link under a session."""

    def __init__(self, gateway: Gateway, sockets: _Sockets, forwarded: str) -> None:
        self._gateway = gateway
        self._forwarded = forwarded
        self._sockets = sockets
        self._session: Session | None = None
        self._transport: Any = None
        self._cut: asyncio.TimerHandle | None = None

    # picows calls

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._sockets.opened(self)
        limits = self._gateway.limits
        raw = transport.underlying_transport
        raw.set_write_buffer_limits(high=limits.snapshot_buffer, low=limits.snapshot_buffer // 4)
        raw.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.socket_buffer)
        self._session = self._gateway.open(self)
        if self._session is None:
            self.close(schema.CLOSE_CODES["host.full"], "host.full", limits.goodbye_s)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind == WSMsgType.CLOSE:
            transport.disconnect()
            return
        session = self._session
        if session is None:
            return
        now = self._gateway.clock()
        if kind == WSMsgType.PING:
            session.on_alive(now)
            transport.send_pong(frame.get_payload_as_bytes())
        elif kind == WSMsgType.PONG:
            session.on_alive(now)
        elif not frame.fin or kind == WSMsgType.CONTINUATION:
            session.on_fragment()
        elif kind == WSMsgType.BINARY:
            session.on_binary(frame.get_payload_as_bytes(), now)
        else:
            session.on_text(frame.get_payload_as_bytes(), now)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._cut is not None:
            self._cut.cancel()
        if self._session is not None:
            self._session.on_cut()
        self._sockets.closed(self)

    def pause_writing(self) -> None:
        if self._session is not None:
            self._session.on_full(self._gateway.clock())

    def resume_writing(self) -> None:
        if self._session is not None:
            self._session.on_drained()

    # the session calls

    def send_text(self, payload: bytes) -> None:
        self._transport.send(WSMsgType.TEXT, payload)

    def send_binary(self, payload: bytes) -> None:
        self._transport.send(WSMsgType.BINARY, payload)

    def ping(self) -> None:
        self._transport.send_ping()

    def buffered(self) -> int:
        return int(self._transport.underlying_transport.get_write_buffer_size())

    def peer(self) -> str:
        name = self._transport.underlying_transport.get_extra_info("peername")
        return client_address(str(name[0]), self._forwarded) if name else ""

    def close(self, code: int, reason: str, within: float) -> None:
        self._transport.send_close(code, reason.encode())
        self._cut = asyncio.get_running_loop().call_later(within, self._abort)

    def _abort(self) -> None:
        self._transport.disconnect(graceful=False)


class _Sockets:
    """Those that are open, to wait for the last."""

    def __init__(self) -> None:
        self._open: set[_Socket] = set()
        self._none = asyncio.Event()
        self._none.set()

    def opened(self, socket_: _Socket) -> None:
        self._open.add(socket_)
        self._none.clear()

    def closed(self, socket_: _Socket) -> None:
        self._open.discard(socket_)
        if not self._open:
            self._none.set()

    async def wait_none(self) -> None:
        await self._none.wait()


class GameServer:
    """Listens for players.

    Args:
        gateway: takes the sessions.
        host, port: where to listen; port 0 takes a free one.
    """

    def __init__(self, gateway: Gateway, host: str = "127.0.0.1", port: int = 0) -> None:
        self._gateway = gateway
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._sockets = _Sockets()

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be taken.
        """
        self._server = await ws_create_server(
            self._accept,
            self._host,
            self._port,
            enable_auto_ping=False,
            enable_auto_pong=False,
            max_frame_size=_MAX_FRAME,
            backlog=1024,
            logger_name="game",
        )

    @property
    def port(self) -> int:
        """Where it listens, when started."""
        if self._server is None:
            raise RuntimeError("the server has not been started")
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Listen no more, say bye to everybody, wait until they are gone."""
        if self._server is None:
            return
        self._server.close()
        await self._gateway.stop()
        await self._sockets.wait_none()
        self._server = None

    def _accept(self, request: WSUpgradeRequest) -> _Socket | None:
        """A client of the game; anything else gets 404."""
        if request.path.split(b"?", 1)[0] != PATH:
            return None
        return _Socket(self._gateway, self._sockets, str(request.headers.get("X-Forwarded-For", "")))
