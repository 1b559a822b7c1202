"""JSON-RPC over HTTP for web3.py, against servers that may be hostile: one deadline for the whole exchange,
bounded bodies, no redirects, no compression, and only the answer to the request that was sent."""

from __future__ import annotations

import http.client
import io
import json
import socket
import time
from collections.abc import Callable
from typing import Any, Final, cast

from contracts.errors import ChainError
from contracts.recursion import kept_recursion_limit
from contracts.rpc.faults import Malformed, TooLong, Unreachable
from contracts.strange_json import read_json
from contracts.url import connection, headers, http_url, target

with kept_recursion_limit():
    from web3.providers.base import JSONBaseProvider
    from web3.types import RPCEndpoint, RPCResponse

MAX_ANSWER: Final = 8 << 20
"""Bytes of one answer. A block of BNB Smart Chain with its transactions' hashes has 0.1 MB."""
_IDLE: Final = 4


class HttpPost:
    """Posts bodies to one URL over kept connections. Its name is the URL's host and port: path, query and
    password may be secrets of the operator's and are never shown."""

    def __init__(self, url: str, *, timeout: float, max_answer: int = MAX_ANSWER) -> None:
        """`timeout` in seconds, from connecting to the last byte. Raises ChainError `chain.bad_endpoint`."""
        found = http_url(url)
        if found is None:
            raise ChainError("chain.bad_endpoint", "an endpoint of a chain is an http or https URL")
        self._url = found
        self._timeout = timeout
        self._max = max_answer
        self._idle: list[http.client.HTTPConnection] = []
        self.name = f"{self._url.hostname}:{self._url.port}" if self._url.port else str(self._url.hostname)
        self._headers = headers(self._url)

    def close(self) -> None:
        """Closes the kept connections."""
        while (kept := self._take()) is not None:
            cast(_DeadlineSocket, kept.sock).hang_up()

    def send(self, body: bytes) -> bytes:
        """The answer's body. Raises Unreachable, TooLong."""
        until = time.monotonic() + self._timeout
        try:
            while (kept := self._take()) is not None:
                try:
                    return self._exchange(kept, body, until)
                except (ConnectionError, http.client.RemoteDisconnected):
                    # A server may close a kept connection at any time; asking again is harmless, for every request
                    # of ours may be repeated.
                    continue
            return self._exchange(self._connected(until), body, until)
        except TimeoutError as error:
            raise Unreachable(f"no answer within {self._timeout:g} s") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(f"the connection failed ({type(error).__name__})") from error

    def _take(self) -> http.client.HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _connected(self, until: float) -> http.client.HTTPConnection:
        made = connection(self._url, _left(until))
        made.connect()
        made.auto_open = 0
        made.sock = cast(Any, _DeadlineSocket(made.sock))
        return made

    def _exchange(self, line: http.client.HTTPConnection, body: bytes, until: float) -> bytes:
        kept = False
        wire = cast(_DeadlineSocket, line.sock)
        wire.until = until
        try:
            line.request("POST", target(self._url), body, self._headers)
            response = line.getresponse()
            if response.status != 200:
                raise Unreachable(f"HTTP status {response.status}")
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise Unreachable("a compressed answer, which was not asked for")
            answer = response.read(self._max + 1)
            if len(answer) > self._max:
                raise TooLong(f"an answer of more than {self._max} bytes")
            if response.length:
                raise Unreachable("the answer ended early")
            kept = response.isclosed() and not response.will_close and len(self._idle) < _IDLE
            return answer
        finally:
            if kept:
                self._idle.append(line)
            else:
                line.close()
                wire.hang_up()


class _DeadlineSocket:
    """A socket whose every operation ends at `until`: a server that drips bytes gains no time."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self.until = 0.0

    def sendall(self, data: bytes) -> None:
        self._inner.settimeout(_left(self.until))
        self._inner.sendall(data)

    def receive(self, buffer: memoryview) -> int:
        self._inner.settimeout(_left(self.until))
        return self._inner.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self.receive))

    def close(self) -> None:
        """Nothing: http.client closes before it has read an answer that ends with the connection."""

    def hang_up(self) -> None:
        self._inner.close()


class _Stream(io.RawIOBase):
    def __init__(self, receive: Callable[[memoryview], int]) -> None:
        self._receive = receive

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._receive(memoryview(buffer))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class BoundedProvider(JSONBaseProvider):
    """A web3.py provider over `HttpPost`. An answer is well formed, or `Malformed` is raised."""

    def __init__(self, post: HttpPost) -> None:
        super().__init__()
        self._post = post

    def __str__(self) -> str:
        return f"BoundedProvider({self._post.name})"

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One exchange. Raises Unreachable, Malformed."""
        number = next(self.request_counter) + 1
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        text = self._post.send(body.encode())
        try:
            answer = read_json(text)
        except ValueError as error:
            raise Malformed("the answer is no JSON, or its brackets are too many or too deep") from error
        if not isinstance(answer, dict) or type(answer.get("id")) is not int or answer["id"] != number:
            raise Malformed("the answer belongs to another request")
        if answer.get("error") is None and "result" not in answer:
            raise Malformed("the answer has neither a result nor an error")
        return cast(RPCResponse, answer)
