"""A JSON-RPC proxy that lies, loses, repeats, delays and breaks, in front of a real node.

    with HostileProxy(node.url) as proxy:
        proxy.inject(lose_answer, methods=["eth_sendRawTransaction"], times=1)
        chain = RpcChain([proxy.url], node.chain_id)

A fault is a function that gets the exchange and gives the reply; those of this module may be parametrised.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """What the client gets. `status` 0 closes the connection without an answer; `drip` sends the body byte by
    byte, waiting that many seconds before each; `after` follows on the same connection."""

    body: bytes
    status: int = 200
    drip: float = 0.0
    after: bytes = b""


@dataclass(frozen=True)
class Exchange:
    """One request: its parsed body, how to ask the real node, and what the proxy remembers."""

    request: dict[str, Any]
    proxy: HostileProxy

    @property
    def method(self) -> str:
        return str(self.request["method"])

    def forward(self) -> Reply:
        """The real node's reply."""
        return Reply(self.proxy.ask(json.dumps(self.request).encode()))

    def answer(self) -> Any:
        """The real node's parsed answer."""
        return json.loads(self.forward().body)

    def reply(self, **fields: Any) -> Reply:
        """A well-formed reply with `result=` or `error=`."""
        return Reply(json.dumps({"jsonrpc": "2.0", "id": self.request["id"], **fields}).encode())


Fault = Callable[[Exchange], Reply]


@dataclass
class _Injected:
    fault: Fault
    methods: frozenset[str] | None
    times: int | None


@dataclass
class HostileProxy:
    """Listens on a free loopback port until its `with` block ends; forwards unless a fault is injected."""

    target: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._faults: list[_Injected] = []
        self._lock = threading.Lock()
        self.last: dict[str, Any] = {}
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                proxy._serve(self, body)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> HostileProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def inject(
        self, fault: Fault, *, methods: Collection[str] | None = None, times: int | None = None
    ) -> None:
        """Uses `fault` for the next `times` requests of these methods (all by default), before older faults."""
        with self._lock:
            self._faults.insert(0, _Injected(fault, frozenset(methods) if methods else None, times))

    def heal(self) -> None:
        """Removes all faults and lets go of what hangs."""
        with self._lock:
            self._faults.clear()
        self.released.set()

    def count(self, method: str) -> int:
        """How often a method was asked."""
        with self._lock:
            return sum(request["method"] == method for request in self.seen)

    def ask(self, body: bytes) -> bytes:
        """The real node's answer."""
        url = urlsplit(self.target)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            return connection.getresponse().read()
        finally:
            connection.close()

    def _choose(self, request: dict[str, Any]) -> Fault:
        with self._lock:
            self.seen.append(request)
            for injected in self._faults:
                if injected.methods is not None and request["method"] not in injected.methods:
                    continue
                if injected.times is not None:
                    injected.times -= 1
                    if injected.times == 0:
                        self._faults.remove(injected)
                return injected.fault
        return forward

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        exchange = Exchange(json.loads(body), self)
        reply = self._choose(exchange.request)(exchange)
        with self._lock:
            self.last[exchange.method] = reply
        try:
            self._send(handler, reply)
        except OSError:
            # The client hung up on a fault, as it should.
            handler.close_connection = True

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.status == 0:
            handler.close_connection = True
            handler.connection.close()
            return
        handler.send_response_only(reply.status)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        if not reply.drip:
            handler.wfile.write(reply.body + reply.after)
            return
        for byte in reply.body:
            if self.released.wait(reply.drip):
                return
            handler.wfile.write(bytes([byte]))


def forward(exchange: Exchange) -> Reply:
    """Tells the truth."""
    return exchange.forward()


def drop(_: Exchange) -> Reply:
    """Loses the request: the node never sees it."""
    return Reply(b"", status=0)


def lose_answer(exchange: Exchange) -> Reply:
    """The node gets the request, the client no answer."""
    exchange.forward()
    return Reply(b"", status=0)


def twice(exchange: Exchange) -> Reply:
    """The node gets the request two times; the second answer goes back."""
    exchange.forward()
    return exchange.forward()


def hang(exchange: Exchange) -> Reply:
    """No answer until the proxy is healed or ends."""
    exchange.proxy.released.wait()
    return Reply(b"", status=0)


def stale(exchange: Exchange) -> Reply:
    """An older answer to the same method, as a cache or a reordering gives it, under the new request's id."""
    with exchange.proxy._lock:
        old = exchange.proxy.last.get(exchange.method)
    if old is None:
        return exchange.forward()
    return Reply(json.dumps({**json.loads(old.body), "id": exchange.request["id"]}).encode())


def other_id(exchange: Exchange) -> Reply:
    """The answer of another request."""
    return Reply(json.dumps({**exchange.answer(), "id": exchange.request["id"] - 1}).encode())


def body(content: bytes) -> Fault:
    """This body with status 200."""
    return lambda _: Reply(content)


def status(code: int) -> Fault:
    """This HTTP status, with a body that may not be believed."""
    return lambda exchange: replace(exchange.forward(), status=code)


def giant(size: int) -> Fault:
    """A well-formed answer of this many bytes."""
    return lambda exchange: exchange.reply(result="0x" + "00" * (size // 2))


def drip(seconds: float) -> Fault:
    """The true answer, a byte at a time."""
    return lambda exchange: replace(exchange.forward(), drip=seconds)


def result(value: Any) -> Fault:
    """This result whatever was asked."""
    return lambda exchange: exchange.reply(result=value)


def error(code: int, message: str, data: Any = None) -> Fault:
    """A JSON-RPC error."""
    return lambda exchange: exchange.reply(error={"code": code, "message": message, "data": data})


def lie(change: Callable[[Any], Any]) -> Fault:
    """The true result, changed."""

    def fault(exchange: Exchange) -> Reply:
        answer = exchange.answer()
        return (
            exchange.reply(result=change(answer["result"]))
            if "result" in answer
            else exchange.reply(**answer)
        )

    return fault
