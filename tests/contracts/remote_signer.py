"""An external signer on a free port, which answers as a test says, or signs what it is asked with its keys."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from contracts.keys import PrivateKey
from contracts.transaction import UnsignedTx


class Signing:
    """A signer that answers as the test says."""

    def __init__(self) -> None:
        self.answer: Callable[[dict], object] = lambda asked: None
        self.requests: list[dict] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append(asked)
                outer.headers.append(dict(self.headers))
                made = outer.answer(asked)
                body = made if isinstance(made, bytes) else json.dumps(made).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *parts: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://ada:s3cret@127.0.0.1:{self.server.server_port}/sign?to=it"

    def result(self, result: object) -> None:
        self.answer = lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "result": result}

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def signs_with(*keys: PrivateKey) -> Callable[[dict[str, Any]], object]:
    """Answers as Clef does for these addresses."""
    known = {key.address: key for key in keys}

    def answer(asked: dict[str, Any]) -> object:
        (wanted,) = asked["params"]
        numbers = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas")
        chain_id, nonce, tip, fee, gas = (int(wanted[name], 16) for name in numbers)
        data = bytes.fromhex(wanted["data"][2:])
        unsigned = UnsignedTx(
            chain_id, nonce, tip, fee, gas, wanted.get("to"), int(wanted["value"], 16), data
        )
        raw = known[wanted["from"]].sign_transaction(unsigned)
        return {"jsonrpc": "2.0", "id": asked["id"], "result": {"raw": "0x" + raw.hex(), "tx": {}}}

    return answer
