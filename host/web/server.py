"""The console's process: takes the port, says that it is ready, serves until told to stop."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from typing import Final
from urllib.parse import quote

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.siwe import origin_of
from host import pages
from host.config import Config
from host.errors import MallError
from host.web import proofs
from host.web.access import open_token
from host.web.app import Console
from host.web.chain_rpc import ChainRpc
from host.web.guard import TOKEN_PARAMETER
from host.web.wallet import PREFIX, WalletPages
from host.web.wallet_door import Door

log = logging.getLogger(__name__)
READY: Final = "console ready "
"""The one line on standard output; the link with the token follows."""
BACKLOG: Final = 128
VISITORS: Final = 64


def serve(config: Config, *, until_stdin_ends: bool = False) -> None:
    """Serve the console; prints one line with its link when browsers can come. Returns after SIGINT or SIGTERM.

    Args:
        until_stdin_ends: stop also when standard input ends: the process that holds its other end is gone.

    Raises:
        MallError: console.port_in_use, console.token_open_to_others, console.bad_token_file, storage.unreadable.
    """
    token = open_token(config.data)
    with _listen(config.console_listen, config.console_port) as listener:
        port = int(listener.getsockname()[1])
        origin, domain = origin_of(config.public_url or address(config.console_listen, port))
        wallet = WalletPages(config, Door(origin, domain, port), ChainRpc(config))
        server = uvicorn.Server(
            uvicorn.Config(
                front(Console(config).application(token, port), wallet.application(), proofs.Proofs(config)),
                access_log=False,
                log_config=None,
                lifespan="off",
                ws="none",
                proxy_headers=False,
                server_header=False,
                limit_concurrency=VISITORS,
                timeout_graceful_shutdown=2,
            )
        )
        if until_stdin_ends:
            threading.Thread(target=_watch_stdin, args=(server,), daemon=True).start()
        # The server raises the signal again that ended it: then what was announced is taken back first.
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        try:
            pages.announce(config, origin)
            print(READY + link(config.console_listen, port, token), flush=True)
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            log.info("stopped by Ctrl-C")
        finally:
            pages.withdraw(config, origin)


def front(console: ASGIApp, wallet: ASGIApp, proven: ASGIApp) -> ASGIApp:
    """The operator's console and, for everybody, the pages below /wallet and the proofs: each has a door of its own."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        mine = path == PREFIX or path.startswith(f"{PREFIX}/")
        chosen = proven if path == proofs.PATH else wallet if mine else console
        await chosen(scope, receive, send)

    return choose


def link(listen: str, port: int, token: str) -> str:
    """The address that opens the console in a browser on this machine."""
    return f"{address(listen, port)}/?{TOKEN_PARAMETER}={quote(token)}"


def address(listen: str, port: int) -> str:
    """Where browsers on this machine reach what listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(listen, f"[{listen}]" if ":" in listen else listen)  # noqa: S104
    return f"http://{host}:{port}"


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise MallError(
            "console.port_in_use",
            f"Port {port} at {address} cannot be taken for the console ({error.strerror or error}). "
            "Stop what uses it, or set another console_port.",
            port=port,
            listen=address,
        ) from error
    return listener


def _watch_stdin(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        continue
    server.should_exit = True
