"""The proofs of the last epoch, for everybody and for caches: who keeps a copy is paid without this host.

Nothing in the file is a secret, and a changed copy is of no use: the chain checks each proof.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from host.config import Config

PATH: Final = "/proofs.json"
MAX_AGE_S: Final = 60
HEADERS: Final = {
    "Cache-Control": f"public, max-age={MAX_AGE_S}",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_METHODS: Final = ("GET", "HEAD")


class Proofs:
    """Answers requests for PATH, under any name of this machine. Keeps one copy of the file in memory, which the host
    replaces as a whole after each epoch.
    """

    def __init__(self, config: Config) -> None:
        self._file = config.proofs
        self._lock = threading.Lock()
        self._tag, self._body = "", b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await asyncio.to_thread(self._answer, Request(scope))
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.method not in _METHODS:
            return _said(405, "proofs.read_only", "Proofs can be read only.", {"Allow": ", ".join(_METHODS)})
        try:
            tag, body = self._read()
        except FileNotFoundError:
            return _said(404, "proofs.no_epoch", "No epoch was settled yet: there is nothing to prove.", {})
        headers = {**HEADERS, "ETag": tag}
        asked = request.headers.get("if-none-match", "")
        known = [each.strip().removeprefix("W/") for each in asked.split(",")]
        if tag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    def _read(self) -> tuple[str, bytes]:
        """The file and its tag. Of one opened file, since the host may replace it at any moment."""
        with self._file.open("rb") as file, self._lock:
            found = os.fstat(file.fileno())
            tag = f'"{found.st_mtime_ns:x}-{found.st_ino:x}-{found.st_size:x}"'
            if tag != self._tag:
                self._tag, self._body = tag, file.read()
            return self._tag, self._body


def _said(status: int, code: str, message: str, headers: dict[str, str]) -> Response:
    # Soon there may be one, so this is not kept.
    return JSONResponse(
        {"code": code, "message": message}, status, {**HEADERS, **headers, "Cache-Control": "no-store"}
    )
