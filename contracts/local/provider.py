"""A web3.py provider over a LocalChain: `Web3(LocalProvider(LocalChain(path, read_only=True)))`.

JSON-RPC as in the Ethereum execution API (github.com/ethereum/execution-apis), as far as web3.py and wallets
ask for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from contracts.address import address_bytes, address_from_bytes, hash_bytes, to_hex
from contracts.chain import TX_GAS_CAP
from contracts.errors import ChainError, ChainRevert
from contracts.local.chain import LocalChain
from contracts.local.decode import decode_transaction
from contracts.local.store import BlockRow, LogRow, TxRow

_NO_HASH = to_hex(b"\x00" * 32)
_NO_BLOOM = to_hex(b"\x00" * 256)
# JSON-RPC 2.0 section 5.1, and 3 for a refused call as go-ethereum answers it.
_METHOD_NOT_FOUND, _INVALID_PARAMS, _SERVER_ERROR, _REVERTED = -32601, -32602, -32000, 3


class LocalProvider(JSONBaseProvider):
    """Answers JSON-RPC from a LocalChain in the same process."""

    def __init__(self, chain: LocalChain) -> None:
        super().__init__()
        self._chain = chain
        self._methods: dict[str, Callable[..., Any]] = {
            "eth_chainId": lambda: hex(chain.chain_id),
            "net_version": lambda: str(chain.chain_id),
            "web3_clientVersion": lambda: "mall.live LocalChain",
            "eth_blockNumber": lambda: hex(chain.head().number),
            "eth_accounts": list,
            "eth_gasPrice": lambda: "0x0",
            "eth_maxPriorityFeePerGas": lambda: "0x0",
            "eth_syncing": lambda: False,
            "eth_getBalance": lambda address, block="latest": hex(chain.balance(address, self._at(block))),
            "eth_getTransactionCount": lambda address, block="latest": hex(
                chain.nonce(address, self._at(block))
            ),
            "eth_getCode": lambda address, block="latest": to_hex(chain.code(address, self._at(block))),
            "eth_getStorageAt": lambda address, slot, block="latest": to_hex(
                chain.storage(address, int(slot, 16), self._at(block))
            ),
            "eth_call": self._call,
            "eth_estimateGas": self._estimate_gas,
            "eth_getBlockByNumber": lambda block, full=False: self._block(
                chain.store.block(self._number(block)), full
            ),
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getTransactionByHash": self._transaction_by_hash,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": self._logs,
            "eth_sendRawTransaction": lambda raw: chain.broadcast([_unhex(raw)])[0],
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
            return cast(RPCResponse, {"jsonrpc": "2.0", "id": 1, "result": handler(*params)})
        except ChainRevert as error:
            return _error(_REVERTED, f"execution reverted: {error.message}", to_hex(error.data))
        except ChainError as error:
            return _error(_SERVER_ERROR, str(error))
        except (TypeError, ValueError, KeyError) as error:
            return _error(_INVALID_PARAMS, f"{method}: {error}")

    def _number(self, block: str) -> int:
        if block in ("latest", "pending", "safe", "finalized"):
            return self._chain.head().number
        return 0 if block == "earliest" else int(block, 16)

    def _at(self, block: str) -> int | None:
        return None if block in ("latest", "pending", "safe", "finalized") else self._number(block)

    def _call(self, request: dict[str, Any], block: str = "latest", *_overrides: Any) -> str:
        data = _unhex(request.get("input") or request.get("data") or "0x")
        return to_hex(self._chain.call(request["to"], data, request.get("from"), self._at(block)))

    def _estimate_gas(self, request: dict[str, Any], block: str = "latest") -> str:
        data = _unhex(request.get("input") or request.get("data") or "0x")
        outcome = self._chain.simulate(
            request.get("to"),
            data,
            sender=request.get("from"),
            value=int(request.get("value", "0x0"), 16),
            block=self._at(block),
        )
        if not outcome.success:
            self._chain.call(request["to"], data, request.get("from"), self._at(block))
        # A call may need more at hand than it uses: 1/64 stays behind at each depth (EIP-150) and refunds
        # come last.
        return hex(min(outcome.gas_used * 4 // 3 + 20_000, TX_GAS_CAP))

    def _increase_time(self, seconds: int | str) -> str:
        amount = int(seconds, 16) if isinstance(seconds, str) else seconds
        self._chain.increase_time(amount)
        return hex(amount)

    def _block_by_hash(self, block_hash: str, full: bool = False) -> dict[str, Any] | None:
        number = self._chain.store.block_number(hash_bytes(block_hash))
        return None if number is None else self._block(self._chain.store.block(number), full)

    def _block(self, row: BlockRow | None, full: bool) -> dict[str, Any] | None:
        if row is None:
            return None
        store = self._chain.store
        parent = store.block(row.number - 1)
        hashes = store.transactions(row.number)
        return {
            "number": hex(row.number),
            "hash": to_hex(row.hash),
            "parentHash": to_hex(parent.hash) if parent else _NO_HASH,
            "timestamp": hex(row.timestamp),
            "stateRoot": to_hex(row.root),
            "gasUsed": hex(row.gas_used),
            "gasLimit": hex(TX_GAS_CAP * 1024),
            "baseFeePerGas": "0x0",
            "extraData": "0x",
            "miner": "0x" + "00" * 20,
            "difficulty": "0x0",
            "mixHash": _NO_HASH,
            "nonce": "0x" + "00" * 8,
            "logsBloom": _NO_BLOOM,
            "sha3Uncles": _NO_HASH,
            "transactionsRoot": _NO_HASH,
            "receiptsRoot": _NO_HASH,
            "size": "0x0",
            "uncles": [],
            "transactions": [
                self._transaction_by_hash(to_hex(key)) if full else to_hex(key) for key in hashes
            ],
        }

    def _transaction_by_hash(self, tx_hash: str) -> dict[str, Any] | None:
        row = self._chain.store.transaction(hash_bytes(tx_hash))
        if row is None:
            return None

        decoded = decode_transaction(row.raw, self._chain.chain_id)
        return {
            **self._place(row),
            "hash": to_hex(row.hash),
            "from": address_from_bytes(row.sender),
            "to": address_from_bytes(row.recipient) if row.recipient else None,
            "nonce": hex(row.nonce),
            "input": to_hex(decoded.data),
            "value": hex(decoded.value),
            "gas": hex(decoded.gas),
            "gasPrice": "0x0",
            "chainId": hex(self._chain.chain_id),
            "type": hex(decoded.type_id or 0),
            "v": hex(decoded.y_parity),
            "r": hex(decoded.r),
            "s": hex(decoded.s),
        }

    def _place(self, row: TxRow) -> dict[str, str]:
        block = self._chain.store.block(row.block)
        return {
            "blockNumber": hex(row.block),
            "blockHash": to_hex(block.hash) if block else _NO_HASH,
            "transactionIndex": hex(row.position),
        }

    def _receipt(self, tx_hash: str) -> dict[str, Any] | None:
        store = self._chain.store
        row = store.transaction(hash_bytes(tx_hash))
        if row is None:
            return None
        before = [store.transaction(key) for key in store.transactions(row.block)[: row.position]]
        return {
            **self._place(row),
            "transactionHash": to_hex(row.hash),
            "from": address_from_bytes(row.sender),
            "to": address_from_bytes(row.recipient) if row.recipient else None,
            "contractAddress": address_from_bytes(row.created) if row.created else None,
            "status": hex(row.status),
            "gasUsed": hex(row.gas_used),
            "cumulativeGasUsed": hex(row.gas_used + sum(tx.gas_used for tx in before if tx)),
            "effectiveGasPrice": "0x0",
            "type": hex(row.raw[0] if row.raw[0] < 0x80 else 0),
            "logsBloom": _NO_BLOOM,
            "logs": [self._log(log) for log in store.logs(row.block, row.block, tx_hash=row.hash)],
        }

    def _logs(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        address = request.get("address")
        addresses = [address] if isinstance(address, str) else address
        topics = [[topic] if isinstance(topic, str) else topic for topic in request.get("topics") or []]
        rows = self._chain.store.logs(
            self._number(request.get("fromBlock", "latest")),
            self._number(request.get("toBlock", "latest")),
            [address_bytes(item) for item in addresses] if addresses is not None else None,
            [[hash_bytes(item) for item in topic] if topic is not None else None for topic in topics],
        )
        return [self._log(row) for row in rows]

    def _log(self, row: LogRow) -> dict[str, Any]:
        block = self._chain.store.block(row.block)
        return {
            "blockNumber": hex(row.block),
            "blockHash": to_hex(block.hash) if block else _NO_HASH,
            "transactionHash": to_hex(row.tx_hash),
            "transactionIndex": hex(row.position),
            "logIndex": hex(row.log_index),
            "address": address_from_bytes(row.address),
            "topics": [to_hex(topic) for topic in row.topics],
            "data": to_hex(row.data),
            "removed": False,
        }


def _unhex(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("0x"))


def _error(code: int, message: str, data: str | None = None) -> RPCResponse:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return cast(RPCResponse, {"jsonrpc": "2.0", "id": 1, "error": error})
