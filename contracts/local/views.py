"""Blocks, transactions, receipts and logs as JSON-RPC shows them (github.com/ethereum/execution-apis)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import rlp

from contracts.address import address_from_bytes, to_hex
from contracts.local.block import header_of
from contracts.local.decode import ACCESS_LIST, LEGACY, decode_transaction
from contracts.local.encoding import encode
from contracts.local.header import (
    BASE_FEE,
    BLOCK_GAS_LIMIT,
    EMPTY_ROOT,
    NO_ADDRESS,
    NO_HASH,
    NO_NONCE,
    NO_REQUESTS,
    NO_UNCLES,
    encode_receipt,
)
from contracts.local.store import BlockRow, LogRow, Store, TxRow

View = dict[str, Any]


def block_view(store: Store, row: BlockRow, chain_id: int, full: bool) -> View:
    """A block, with whole transactions or their hashes only."""
    parent = store.block(row.number - 1)
    before = parent.hash if parent else NO_HASH
    rows = store.transactions(row.number)
    bodies = [tx.raw if tx.type_id else rlp.decode(tx.raw) for tx in rows]
    return {
        "number": hex(row.number),
        "hash": to_hex(row.hash),
        "parentHash": to_hex(before),
        "sha3Uncles": to_hex(NO_UNCLES),
        "miner": to_hex(NO_ADDRESS),
        "stateRoot": to_hex(row.root),
        "transactionsRoot": to_hex(row.transactions_root),
        "receiptsRoot": to_hex(row.receipts_root),
        "logsBloom": to_hex(row.bloom),
        "difficulty": "0x0",
        "gasLimit": hex(BLOCK_GAS_LIMIT),
        "gasUsed": hex(row.gas_used),
        "timestamp": hex(row.timestamp),
        "extraData": "0x",
        "mixHash": to_hex(NO_HASH),
        "nonce": to_hex(NO_NONCE),
        "baseFeePerGas": hex(BASE_FEE),
        "withdrawalsRoot": to_hex(EMPTY_ROOT),
        "blobGasUsed": "0x0",
        "excessBlobGas": "0x0",
        "parentBeaconBlockRoot": to_hex(NO_HASH),
        "requestsHash": to_hex(NO_REQUESTS),
        "size": hex(len(encode([header_of(row, before).fields(), bodies, [], []]))),
        "uncles": [],
        "withdrawals": [],
        "transactions": [
            transaction_view(tx, row.hash, chain_id) if full else to_hex(tx.hash) for tx in rows
        ],
    }


def _place(row: TxRow, block_hash: bytes) -> View:
    return {
        "blockNumber": hex(row.block),
        "blockHash": to_hex(block_hash),
        "transactionIndex": hex(row.position),
        "from": address_from_bytes(row.sender),
        "to": address_from_bytes(row.recipient) if row.recipient else None,
        "type": hex(row.type_id),
    }


def transaction_view(row: TxRow, block_hash: bytes, chain_id: int) -> View:
    """A mined transaction."""
    tx = decode_transaction(row.raw, chain_id)
    view = {
        **_place(row, block_hash),
        "hash": to_hex(row.hash),
        "nonce": hex(tx.nonce),
        "input": to_hex(tx.data),
        "value": hex(tx.value),
        "gas": hex(tx.gas),
        "gasPrice": hex(tx.price),
        "chainId": hex(chain_id),
        "v": hex(tx.y_parity if tx.type_id else 35 + 2 * chain_id + tx.y_parity),
        "r": hex(tx.r),
        "s": hex(tx.s),
    }
    if tx.type_id != LEGACY:
        view["yParity"] = hex(tx.y_parity)
        view["accessList"] = [
            {
                "address": address_from_bytes(address),
                "storageKeys": [to_hex(key.to_bytes(32, "big")) for key in keys],
            }
            for address, keys in tx.access_list
        ]
    if tx.type_id > ACCESS_LIST:
        view["maxFeePerGas"] = hex(tx.max_fee_per_gas)
        view["maxPriorityFeePerGas"] = hex(tx.max_priority_fee_per_gas)
    if tx.authorization_list:
        view["authorizationList"] = [
            {
                "chainId": hex(wish.chain_id),
                "address": address_from_bytes(wish.address),
                "nonce": hex(wish.nonce),
                "yParity": hex(wish.y_parity),
                "r": hex(wish.r),
                "s": hex(wish.s),
            }
            for wish in tx.authorization_list
        ]
    return view


def receipt_views(store: Store, row: BlockRow, chain_id: int) -> list[View]:
    """All receipts of a block."""
    by_transaction = store.logs_by_transaction(row.number)
    gas_so_far = 0
    views = []
    for tx in store.transactions(row.number):
        gas_so_far += tx.gas_used
        views.append(_receipt(tx, row.hash, chain_id, gas_so_far, by_transaction.get(tx.hash, [])))
    return views


def receipt_view(store: Store, row: TxRow, chain_id: int) -> View:
    """The receipt of one transaction."""
    block = store.sealed(row.block)
    gas_so_far = store.gas_until(row.block, row.position)
    logs = store.logs(row.block, row.block, tx_hash=row.hash)
    return _receipt(row, block.hash, chain_id, gas_so_far, logs)


def _receipt(tx: TxRow, block_hash: bytes, chain_id: int, gas_so_far: int, logs: list[LogRow]) -> View:
    _, bloom = encode_receipt(tx.type_id, 0, 0, [(log.address, log.topics, log.data) for log in logs])
    return {
        **_place(tx, block_hash),
        "transactionHash": to_hex(tx.hash),
        "contractAddress": address_from_bytes(tx.created) if tx.created else None,
        "status": hex(tx.status),
        "gasUsed": hex(tx.gas_used),
        "cumulativeGasUsed": hex(gas_so_far),
        "effectiveGasPrice": hex(decode_transaction(tx.raw, chain_id).price),
        "logsBloom": to_hex(bloom.to_bytes(256, "big")),
        "logs": log_views(logs),
    }


def log_views(rows: Iterable[LogRow]) -> list[View]:
    """Logs in the given order."""
    return [
        {
            "blockNumber": hex(row.block),
            "blockHash": to_hex(row.block_hash),
            "transactionHash": to_hex(row.tx_hash),
            "transactionIndex": hex(row.position),
            "logIndex": hex(row.log_index),
            "address": address_from_bytes(row.address),
            "topics": [to_hex(topic) for topic in row.topics],
            "data": to_hex(row.data),
            "removed": False,
        }
        for row in rows
    ]
