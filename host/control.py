"""The host's control socket: local commands to a running host, one JSON object a line.

The socket lies in the data folder with mode 0600, so whoever may open it is the operator of this host.
Request: `{"verb": str, "arguments": {...}}`. Answer: `{"ok": ...}` or `{"error": {code, message, facts}}`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from host.errors import MallError

log = logging.getLogger(__name__)
MAX_LINE = 64 * 1024 * 1024
CONNECT_TIMEOUT_S = 5.0
Execute = Callable[[str, dict[str, Any]], Awaitable[Any]]


class ControlServer:
    """Serves `execute(verb, arguments)` on a unix socket at `path`."""

    def __init__(self, path: Path, execute: Execute) -> None:
        self._path = path
        self._execute = execute
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen.

        Raises:
            MallError: control.unusable, as where the path is longer than sockets take (107 bytes).
        """
        mask = os.umask(0o177)
        try:
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINE)
        except (OSError, ValueError) as error:
            raise MallError(
                "control.unusable",
                f"No control socket at {self._path}: {error}. Name a data folder with a shorter path with --data.",
                path=str(self._path),
            ) from error
        finally:
            os.umask(mask)

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._open):
            writer.close()
        await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            log.info("control connection ended: %s", error)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            verb, arguments = request["verb"], request["arguments"]
            if not isinstance(verb, str) or not isinstance(arguments, dict):
                raise TypeError("verb and arguments")
        except (ValueError, KeyError, TypeError):
            return {"error": MallError("control.bad_request", "A request is {verb, arguments}.").as_dict()}
        try:
            return {"ok": await self._execute(verb, arguments)}
        except MallError as error:
            return {"error": error.as_dict()}
        except Exception as error:
            log.exception("command %s failed", verb)
            text = f"{verb} failed inside the host ({type(error).__name__}); see the host's log."
            return {"error": MallError("host.internal", text).as_dict()}


def is_running(path: Path) -> bool:
    """Does a host answer at this control socket?"""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(CONNECT_TIMEOUT_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def request(path: Path, verb: str, timeout: float = 120.0, **arguments: Any) -> Any:
    """Run one command in the running host.

    Raises:
        MallError: what the host refused, or control.lost when it went away or did not answer in time.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps({"verb": verb, "arguments": arguments}).encode() + b"\n")
            with connection.makefile("rb") as stream:
                line = stream.readline(MAX_LINE)
        except OSError as error:
            raise MallError(
                "control.lost", f"The host did not answer {verb!r}: {error}. See `mall status`."
            ) from error
    if not line.endswith(b"\n"):
        raise MallError("control.lost", f"The host went away while it worked on {verb!r}. See `mall status`.")
    answer = json.loads(line)
    if "error" in answer:
        found = answer["error"]
        raise MallError(str(found["code"]), str(found["message"]), **found.get("facts", {}))
    return answer["ok"]
