"""JSON-RPC of the embedded chain, for wallets on this machine: reads, and transactions that somebody has signed.

Only for the loopback and only where the host has a chain of its own: a public chain has its own nodes. Reads are
answered from the chain's file in this process, so they cost the host nothing; transactions go to the host.
"""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.errors import ChainError
from host import control
from host.accounts.pace import network
from host.config import Config
from host.errors import MallError
from host.web.wallet_door import bounded_body, content_type, peer

MAX_BODY: Final = 64 * 1024
AT_ONCE: Final = 4
PATIENCE_S: Final = 30.0
SUBMIT: Final = "eth_sendRawTransaction"
READS: Final = frozenset(
    {"eth_chainId", "net_version", "web3_clientVersion", "eth_blockNumber", "eth_gasPrice", "eth_maxPriorityFeePerGas",
     "eth_getBalance", "eth_getTransactionCount", "eth_getCode", "eth_call", "eth_estimateGas", "eth_getBlockByNumber",
     "eth_getBlockByHash", "eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_syncing"}
)  # fmt: skip
_PARSE_ERROR, _BAD_REQUEST, _NO_METHOD, _BUSY, _SERVER = -32700, -32600, -32601, -32005, -32000


class ChainRpc:
    """The endpoint. One reader of the chain's file is shared; it is opened when it is first asked."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._provider: Any = None

    def serves(self, request: Request) -> bool:
        """Whether this visitor sits on this machine and the host has a chain of its own."""
        visitor = peer(request)
        here = network(visitor) == "" and visitor != "" and "x-forwarded-for" not in request.headers
        return here and self._config.chain.is_file()

    async def answer(self, request: Request) -> Response:
        """One JSON-RPC 2.0 request; batches are not taken."""
        # A foreign web page can send no such content type without asking first, and is never answered.
        if not self.serves(request) or content_type(request) != "application/json":
            return _error(None, _BAD_REQUEST, "JSON-RPC for this machine only, as application/json", 403)
        try:
            asked = json.loads(await bounded_body(request, MAX_BODY))
        except (ValueError, RecursionError, MallError):
            return _error(None, _PARSE_ERROR, f"one JSON object of at most {MAX_BODY} bytes", 400)
        if not isinstance(asked, dict) or not isinstance(asked.get("params", []), list):
            return _error(None, _BAD_REQUEST, "a request is an object with method and params", 400)
        number, method, params = asked.get("id"), asked.get("method"), asked.get("params", [])
        if not isinstance(method, str) or (method not in READS and method != SUBMIT):
            return _error(
                number, _NO_METHOD, f"not offered here; offered are {', '.join(sorted({*READS, SUBMIT}))}"
            )
        if self._room.locked():
            return _error(number, _BUSY, f"at most {AT_ONCE} requests at a time", 429)
        async with self._room:
            work = self._submit if method == SUBMIT else self._read
            try:
                found = await asyncio.to_thread(work, method, params)
            except (MallError, ChainError) as error:
                return _error(number, _SERVER, str(error))
        return JSONResponse({"jsonrpc": "2.0", "id": number, **found})

    def _submit(self, method: str, params: list[Any]) -> dict[str, Any]:
        if len(params) != 1 or not isinstance(params[0], str):
            raise MallError("control.bad_arguments", f"{method} takes one transaction in hex.")
        sent = control.request(self._config.control_socket, "chain_send", PATIENCE_S, raws=params)
        return {"result": sent[0]["tx"]}

    def _read(self, method: str, params: list[Any]) -> dict[str, Any]:
        from contracts.local import LocalChain
        from contracts.local.provider import LocalProvider

        with self._lock:
            if self._provider is None:
                self._provider = LocalProvider(LocalChain(self._config.chain, read_only=True))
            answer = self._provider.make_request(method, params)
        return {key: answer[key] for key in ("result", "error") if key in answer}


def _error(number: Any, code: int, message: str, status: int = 200) -> JSONResponse:
    return JSONResponse({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}, status)
