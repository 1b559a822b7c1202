"""One node behind one URL: asks it, knows whether it may be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from contracts.errors import ChainError
from contracts.recursion import kept_recursion_limit
from contracts.rpc import decode
from contracts.rpc.faults import EndpointFault, Malformed, Refused
from contracts.rpc.transport import BoundedProvider, HttpPost

with kept_recursion_limit():
    from web3 import Web3
    from web3.middleware import ExtraDataToPOAMiddleware
    from web3.types import RPCEndpoint

FIRST_REST_S: Final = 1.0
LONGEST_REST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class EndpointState:
    """How an endpoint does. `dropped` says why it is believed no more ("" while it is), `down` why it was passed
    over last ("" while it answers). The name is host and port."""

    name: str
    dropped: str
    down: str


class Endpoint:
    """A node. `clock` gives seconds that only grow."""

    def __init__(self, url: str, chain_id: int, *, timeout: float, clock: Callable[[], float]) -> None:
        """Opens nothing yet. Raises ChainError `chain.bad_endpoint`."""
        self._post = HttpPost(url, timeout=timeout)
        self._provider = BoundedProvider(self._post)
        self.web3 = Web3(self._provider)
        self.web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
        self.name = self._post.name
        self._chain_id = chain_id
        self._clock = clock
        self._checked = False
        self._dropped = ""
        self.foreign = False  # of another chain than ours
        self._down = ""
        self._rest = FIRST_REST_S
        self._again = 0.0

    @property
    def state(self) -> EndpointState:
        """How it does."""
        return EndpointState(self.name, self._dropped, self._down)

    @property
    def believed(self) -> bool:
        """Whether it was never caught in a contradiction."""
        return not self._dropped

    @property
    def resting(self) -> bool:
        """Whether it failed lately, so that others are asked first."""
        return bool(self._down) and self._clock() < self._again

    def ask(self, method: str, *params: object) -> Any:
        """The result of a request, not yet looked at. Raises Unreachable, Malformed, Refused."""
        if not self._checked:
            self._check_chain()
        return self._ask(method, params)

    def _check_chain(self) -> None:
        found = decode.quantity(self._ask("eth_chainId", ()), "the chain id")
        if found != self._chain_id:
            self.foreign = True
            self.drop(f"it is chain {found}, not {self._chain_id}")
            raise Malformed(self._dropped)
        self._checked = True

    def _ask(self, method: str, params: tuple[object, ...]) -> Any:
        # Past web3's middleware and formatters: they trust the node, and fail on answers of another shape.
        answer: Any = self._provider.make_request(RPCEndpoint(method), list(params))
        error = answer.get("error")
        if error is None:
            return answer["result"]
        if not isinstance(error, dict):
            raise Malformed("the error is no object")
        code, message = error.get("code"), error.get("message")
        if type(code) is not int or not isinstance(message, str):
            raise Malformed("the error has no code or no message")
        raise Refused(code, message, error.get("data"))

    def drop(self, reason: str) -> None:
        """Believes it no more, until the process starts again."""
        self._dropped = reason

    def answered(self) -> None:
        """It gave a good answer."""
        self._down, self._rest = "", FIRST_REST_S

    def failed(self, fault: EndpointFault) -> None:
        """It gave none: it rests, twice as long each time."""
        self._down = fault.reason
        self._again = self._clock() + self._rest
        self._rest = min(2 * self._rest, LONGEST_REST_S)
        self._checked = False

    def close(self) -> None:
        """Closes its connections."""
        self._post.close()

    def alarm(self) -> ChainError | None:
        """What an operator must know about it, or None."""
        if self._dropped:
            return ChainError(
                "chain.endpoint_dropped",
                f"{self.name} is believed no more: {self._dropped}. Replace it, or restart when it is mended",
                endpoint=self.name, reason=self._dropped,
            )  # fmt: skip
        if self._down:
            return ChainError(
                "chain.endpoint_down",
                f"{self.name} gives no usable answer: {self._down}",
                endpoint=self.name, reason=self._down,
            )  # fmt: skip
        return None
