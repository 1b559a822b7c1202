"""A web3.py provider over a LocalChain: `Web3(LocalProvider(LocalChain(path, read_only=True)))`.

JSON-RPC as in the Ethereum execution API (github.com/ethereum/execution-apis), as far as web3.py and wallets
ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from contracts.address import hash_bytes, to_hex
from contracts.chain import TX_GAS_CAP
from contracts.errors import ChainError, ChainRevert
from contracts.local.chain import LocalChain
from contracts.local.filters import Filters, LogQuery, parse_choices
from contracts.local.header import BASE_FEE, BLOCK_GAS_LIMIT
from contracts.local.store import BlockRow, TxRow
from contracts.local.views import (
    View,
    block_view,
    log_views,
    receipt_view,
    receipt_views,
    transaction_view,
)
from contracts.recursion import kept_recursion_limit

with kept_recursion_limit():
    from web3.providers.base import JSONBaseProvider
    from web3.types import RPCEndpoint, RPCResponse

# JSON-RPC 2.0 section 5.1, and 3 for a refused call as go-ethereum answers it.
_METHOD_NOT_FOUND, _INVALID_PARAMS, _SERVER_ERROR, _REVERTED = -32601, -32602, -32000, 3
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_NEWEST = ("latest", "pending", "safe", "finalized")
_MOST_HISTORY = 1024
_HASH_LENGTH = 66
_MOST_BLOCKS = 2**62


class LocalProvider(JSONBaseProvider):
    """Answers JSON-RPC from a LocalChain in the same process."""

    def __init__(self, chain: LocalChain) -> None:
        super().__init__()
        self._chain = chain
        self._store = chain.store
        self._filters = Filters()
        self._methods: dict[str, Callable[..., Any]] = {
            "eth_chainId": lambda: hex(chain.chain_id),
            "net_version": lambda: str(chain.chain_id),
            "web3_clientVersion": lambda: "mall.live LocalChain",
            "eth_syncing": lambda: False,
            "eth_accounts": list,
            "eth_blockNumber": lambda: hex(self._head()),
            "eth_gasPrice": lambda: hex(BASE_FEE),
            "eth_maxPriorityFeePerGas": lambda: "0x0",
            "eth_feeHistory": self._fee_history,
            "eth_getBalance": lambda who, block="latest": hex(chain.balance(who, self._at(block))),
            "eth_getTransactionCount": lambda who, block="latest": hex(chain.nonce(who, self._at(block))),
            "eth_getCode": lambda who, block="latest": to_hex(chain.code(who, self._at(block))),
            "eth_getStorageAt": lambda who, slot, block="latest": to_hex(
                chain.storage(who, _quantity(slot), self._at(block))
            ),
            "eth_call": self._call,
            "eth_estimateGas": self._estimate_gas,
            "eth_getBlockByNumber": lambda block, full=False: self._block(self._row(block), full),
            "eth_getBlockByHash": lambda key, full=False: self._block(self._row_of_hash(key), full),
            "eth_getBlockReceipts": self._block_receipts,
            "eth_getBlockTransactionCountByNumber": lambda block: self._count(self._row(block)),
            "eth_getBlockTransactionCountByHash": lambda key: self._count(self._row_of_hash(key)),
            "eth_getTransactionByBlockNumberAndIndex": lambda block, place: self._nth(
                self._row(block), place
            ),
            "eth_getTransactionByBlockHashAndIndex": lambda key, place: self._nth(
                self._row_of_hash(key), place
            ),
            "eth_getTransactionByHash": lambda key: self._transaction(
                self._store.transaction(hash_bytes(key))
            ),
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": self._logs,
            "eth_newFilter": lambda request: self._filters.add("logs", self._head(), self._query(request)),
            "eth_newBlockFilter": lambda: self._filters.add("blocks", self._head()),
            "eth_newPendingTransactionFilter": lambda: self._filters.add("transactions", self._head()),
            "eth_getFilterChanges": lambda name: self._filters.changes(name, self._store, self._head()),
            "eth_getFilterLogs": lambda name: self._filters.all_logs(name, self._store, self._head()),
            "eth_uninstallFilter": self._filters.remove,
            "eth_sendRawTransaction": lambda raw: chain.broadcast([_data(raw)])[0],
            "evm_increaseTime": self._increase_time,
            "evm_mine": lambda: hex(chain.mine().number),
        }

    def is_connected(self, show_traceback: bool = False) -> bool:
        """A chain in the same process is always there."""
        return True

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answers one request; errors come back as JSON-RPC errors."""
        handler = self._methods.get(method)
        if handler is None:
            return _error(_METHOD_NOT_FOUND, f"the method {method} does not exist here")
        try:
            with self._chain.exclusive():
                return cast(RPCResponse, {"jsonrpc": "2.0", "id": 1, "result": handler(*params)})
        except ChainRevert as error:
            return _error(_REVERTED, f"execution reverted: {error.message}", to_hex(error.data))
        except ChainError as error:
            return _error(_SERVER_ERROR, str(error))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            return _error(_INVALID_PARAMS, f"{method}: {error}")

    # ---- which block

    def _head(self) -> int:
        return self._chain.head().number

    def _number(self, block: Any) -> int:
        if isinstance(block, dict):
            # EIP-1898: a block may be named by its number or its hash.
            block = block["blockHash"] if "blockHash" in block else block["blockNumber"]
        if isinstance(block, str) and len(block) == _HASH_LENGTH:
            found = self._store.block_number(hash_bytes(block))
            if found is None:
                raise ChainError("chain.no_block", "there is no block with this hash", hash=block)
            return found
        if block in _NEWEST:
            return self._head()
        number = 0 if block == "earliest" else _quantity(block)
        if number > _MOST_BLOCKS:
            raise ChainError("chain.no_block", "there is no block with such a number", block=number)
        return number

    def _at(self, block: Any) -> int | None:
        return None if block in _NEWEST else self._number(block)

    def _row(self, block: Any) -> BlockRow | None:
        return self._store.block(self._number(block))

    def _row_of_hash(self, block_hash: str) -> BlockRow | None:
        number = self._store.block_number(hash_bytes(block_hash))
        return None if number is None else self._store.block(number)

    # ---- calls

    def _run(self, request: dict[str, Any], block: Any, gas: int) -> tuple[bool, int, bytes]:
        if "data" in request and "input" in request and request["data"] != request["input"]:
            raise ValueError("data and input differ")
        outcome = self._chain.simulate(
            request.get("to"),
            _data(request.get("input") or request.get("data") or "0x"),
            sender=request.get("from"),
            value=_quantity(request.get("value", "0x0")),
            gas=gas,
            block=self._at(block),
        )
        return outcome.success, outcome.gas_used, outcome.output

    def _call(self, request: dict[str, Any], block: Any = "latest", *_overrides: Any) -> str:
        if any(_overrides):
            raise ValueError("state overrides are not served here")
        success, _, output = self._run(request, block, _gas_of(request))
        if not success:
            raise self._chain.refusal(output)
        return to_hex(output)

    def _estimate_gas(self, request: dict[str, Any], block: Any = "latest") -> str:
        """The gas limit with which the call works: what it uses where that suffices, else at most 1/64 above the least.
        A call may need more at hand than it uses: 1/64 stays behind at each depth (EIP-150), refunds come last."""
        most = _gas_of(request)
        success, used, output = self._run(request, block, most)
        if not success:
            raise self._chain.refusal(output)
        low, high = used - 1, most
        trial = used
        while high - low > max(1, high // 64):
            try:
                works = self._run(request, block, trial)[0]
            except ChainError:
                works = False
            low, high = (low, trial) if works else (trial, high)
            # The answer is most often close to what was used.
            trial = min((low + high) // 2, low + max(low // 32, 64))
        return hex(high)

    # ---- what is mined

    def _block(self, row: BlockRow | None, full: bool) -> View | None:
        return None if row is None else block_view(self._store, row, self._chain.chain_id, full)

    def _count(self, row: BlockRow | None) -> str | None:
        return None if row is None else hex(len(self._store.hashes(row.number)))

    def _nth(self, row: BlockRow | None, place: str) -> View | None:
        rows = [] if row is None else self._store.transactions(row.number)
        position = _quantity(place)
        return self._transaction(rows[position]) if position < len(rows) else None

    def _transaction(self, row: TxRow | None) -> View | None:
        block = self._store.block(row.block) if row is not None else None
        if row is None or block is None:
            return None
        return transaction_view(row, block.hash, self._chain.chain_id)

    def _receipt(self, tx_hash: str) -> View | None:
        row = self._store.transaction(hash_bytes(tx_hash))
        return None if row is None else receipt_view(self._store, row, self._chain.chain_id)

    def _block_receipts(self, block: Any) -> list[View] | None:
        row = self._row(block)
        return None if row is None else receipt_views(self._store, row, self._chain.chain_id)

    def _query(self, request: dict[str, Any]) -> LogQuery:
        addresses, topics = parse_choices(request)
        if request.get("blockHash") is not None:
            if "fromBlock" in request or "toBlock" in request:
                raise ValueError("a block's hash and a range exclude each other")
            number = self._number({"blockHash": request["blockHash"]})
            return LogQuery(number, number, addresses, topics)
        first, last = request.get("fromBlock") or "latest", request.get("toBlock") or "latest"
        query = LogQuery(
            self._number(first), None if last in _NEWEST else self._number(last), addresses, topics
        )
        if query.last is not None and query.last < query.first:
            raise ValueError("the range of blocks ends before it begins")
        return query

    def _logs(self, request: dict[str, Any]) -> list[View]:
        query = self._query(request)
        return log_views(query.rows(self._store, query.first, self._head()))

    def _fee_history(self, count: Any, newest: Any, percentiles: Any = None) -> View:
        """Fees are constant, so only the gas that blocks used differs (EIP-1559)."""
        wanted = count if isinstance(count, int) else _quantity(count)
        if not 0 < wanted <= _MOST_HISTORY:
            raise ValueError(f"1 to {_MOST_HISTORY} blocks can be asked at once")
        last = self._number(newest)
        rows = [self._store.block(number) for number in range(max(0, last - wanted + 1), last + 1)]
        shares = [row.gas_used / BLOCK_GAS_LIMIT for row in rows if row is not None]
        history: View = {
            "oldestBlock": hex(max(0, last - wanted + 1)),
            "baseFeePerGas": [hex(BASE_FEE)] * (len(shares) + 1),
            "gasUsedRatio": shares,
        }
        if percentiles:
            history["reward"] = [["0x0"] * len(percentiles)] * len(shares)
        return history

    def _increase_time(self, seconds: int | str) -> str:
        amount = _quantity(seconds) if isinstance(seconds, str) else seconds
        self._chain.increase_time(amount)
        return hex(amount)


def _gas_of(request: dict[str, Any]) -> int:
    return min(_quantity(request["gas"]), TX_GAS_CAP) if request.get("gas") else TX_GAS_CAP


def _quantity(value: Any) -> int:
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise ValueError(f"{str(value)[:80]!r} is no number in hex")
    return int(value, 16)


def _data(value: Any) -> bytes:
    if not isinstance(value, str) or not _DATA.fullmatch(value):
        raise ValueError("data is 0x and two hex digits for each byte")
    return bytes.fromhex(value[2:])


def _error(code: int, message: str, data: str | None = None) -> RPCResponse:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return cast(RPCResponse, {"jsonrpc": "2.0", "id": 1, "error": error})
