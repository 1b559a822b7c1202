"""A real node for tests and measurements: npm's prebuilt `anvil`, on a loopback port that was free, with the
Prague rules of the committed artifacts.

    with Anvil() as node:
        node.fund(key.address, 10**18)
        chain = RpcChain([node.url], node.chain_id)
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from contracts.errors import ChainError
from contracts.npm import program
from contracts.rpc import RpcChain

DEFAULT_CHAIN_ID = 31_337
BLOCK_GAS = 140_000_000
"""Gas of a block, near the limit of BNB Smart Chain."""

_LISTENING = re.compile(r"Listening on (127\.0\.0\.1):(\d+)")
_STOP_S = 10.0


class Anvil:
    """A node that lives as long as its `with` block. It mines each transaction at once unless `automine` is off.

    A block is final when `final_after` more stand on it, 0 for at once (an epoch of anvil's has half as many
    slots). `block_time` mines by the clock, in whole seconds.
    """

    def __init__(
        self,
        *,
        chain_id: int = DEFAULT_CHAIN_ID,
        final_after: int = 2,
        automine: bool = True,
        block_time: int | None = None,
        timestamp: int | None = None,
        base_fee: int = 10**9,
    ) -> None:
        """Starts the node and waits until it listens.

        Raises ChainError `build.npm`, `build.platform` where there is no program, `anvil.start` when it ends
        early.
        """
        self.chain_id = chain_id
        command = [
            str(program("anvil")), "--host", "127.0.0.1", "--port", "0", "--chain-id", str(chain_id),
            "--hardfork", "prague", "--accounts", "0", "--gas-limit", str(BLOCK_GAS),
            "--base-fee", str(base_fee), "--slots-in-an-epoch", str(final_after // 2), "--order", "fifo",
        ]  # fmt: skip
        command += ["--block-time", str(block_time)] if block_time is not None else []
        command += ["--timestamp", str(timestamp)] if timestamp is not None else []
        command += [] if automine else ["--no-mining"]
        self._process = subprocess.Popen(  # noqa: S603 - the program that package-lock.json pins
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._ids = itertools.count(1)
        self._drain: threading.Thread | None = None
        try:
            self.port = self._await_port()
        except BaseException:
            self.stop()
            raise
        self.url = f"http://127.0.0.1:{self.port}"

    def _await_port(self) -> int:
        assert self._process.stdout is not None
        said: deque[str] = deque(maxlen=20)
        for line in self._process.stdout:
            said.append(line)
            found = _LISTENING.search(line)
            if found:
                self._drain = threading.Thread(target=self._discard, name="anvil output", daemon=True)
                self._drain.start()
                return int(found[2])
        raise ChainError("anvil.start", f"anvil ended before it listened: {''.join(said)[-1000:]}")

    def _discard(self) -> None:
        # The pipe is read until its end: the node stops when it is full.
        assert self._process.stdout is not None
        for _ in self._process.stdout:
            continue

    def __enter__(self) -> Anvil:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the node; what it held is gone."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._drain is not None:
            self._drain.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def ask(self, method: str, *params: object) -> Any:
        """One JSON-RPC request past every adapter. Raises ChainError `anvil.refused`."""
        number = next(self._ids)
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise ChainError("anvil.refused", f"anvil refused {method}: {answer['error']}")
        return answer["result"]

    def fund(self, address: str, wei: int) -> None:
        """Sets the native coin of an address."""
        self.ask("anvil_setBalance", address, hex(wei))

    def mine(self, blocks: int = 1) -> None:
        """Mines what waits, then empty blocks."""
        self.ask("anvil_mine", hex(blocks))

    def automine(self, on: bool) -> None:
        """Whether each transaction is mined at once."""
        self.ask("evm_setAutomine", on)

    def reorganise(self, depth: int) -> None:
        """Replaces the newest `depth` blocks by as many empty others: their transactions are gone."""
        self.ask("anvil_reorg", depth, [])

    def raise_base_fee(self, wei: int) -> None:
        """Sets the base fee of the next block."""
        self.ask("anvil_setNextBlockBaseFeePerGas", hex(wei))


class MinedChain(RpcChain):
    """The adapter of a node that mines by hand (`automine=False`): what is broadcast is mined when the call returns, as
    on the embedded chain. (Left to itself, anvil mines a moment after it has answered.)"""

    def __init__(self, node: Anvil, url: str | None = None) -> None:
        """`url` leads to the node on another way, through a proxy say."""
        super().__init__([url or node.url], node.chain_id)
        self._node = node

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        """Sends and mines."""
        hashes = super().broadcast(raws)
        while int(self._node.ask("txpool_status")["pending"], 16) > 0:
            self._node.mine()
        return hashes
