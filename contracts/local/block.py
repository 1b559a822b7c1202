"""Builds blocks, and checks stored ones against the header that their hash is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.errors import ChainError
from contracts.local.decode import decode_transaction
from contracts.local.header import (
    BLOCK_GAS_LIMIT,
    EMPTY_ROOT,
    NO_BLOOM,
    NO_HASH,
    Header,
    encode_receipt,
    ordered_root,
)
from contracts.local.store import BlockRow, LogRow, Store, TxRow, corrupt


@dataclass(frozen=True, slots=True)
class Built:
    """A block that is ready to be written, with the new nodes of its state."""

    block: BlockRow
    nodes: Mapping[bytes, bytes]
    transactions: Sequence[TxRow]
    logs: Sequence[LogRow]


def header_of(row: BlockRow, parent: bytes) -> Header:
    """The header of a stored block, `parent` being the hash of the one before."""
    return Header(
        parent=parent,
        number=row.number,
        timestamp=row.timestamp,
        state_root=row.root,
        transactions_root=row.transactions_root,
        receipts_root=row.receipts_root,
        bloom=row.bloom,
        gas_used=row.gas_used,
    )


def _sealed(header: Header) -> BlockRow:
    return BlockRow(
        number=header.number,
        hash=header.hash(),
        timestamp=header.timestamp,
        root=header.state_root,
        gas_used=header.gas_used,
        transactions_root=header.transactions_root,
        receipts_root=header.receipts_root,
        bloom=header.bloom,
    )


def build_genesis(store: Store, timestamp: int, chain_id: int, balances: Mapping[bytes, int]) -> Built:
    """Block 0: no transactions, and the native coin that `balances` gives out (wei by address)."""
    root, nodes = EMPTY_ROOT, {}
    if balances:
        from contracts.local.evm import Machine

        machine = Machine(store, root, number=0, timestamp=timestamp, chain_id=chain_id)
        for address, amount in balances.items():
            machine.give(address, amount)
        root, nodes = machine.seal(), machine.nodes.fresh
    header = Header(NO_HASH, 0, timestamp, root, EMPTY_ROOT, EMPTY_ROOT, NO_BLOOM, 0)
    return Built(_sealed(header), nodes, (), ())


def build_block(
    store: Store, parent: BlockRow, waiting: Mapping[bytes, bytes], timestamp: int, chain_id: int
) -> Built:
    """Runs signed transactions (bytes by hash) one after the other on the parent's state. Nothing is written.

    Raises ChainError `chain.nonce`, `chain.bad_transaction`, `chain.gas_cap`, `chain.wrong_chain`,
    `chain.block_full`, `chain.corrupt`.
    """
    from contracts.local.evm import Machine

    number = parent.number + 1
    machine = Machine(store, parent.root, number=number, timestamp=timestamp, chain_id=chain_id)
    transactions: list[TxRow] = []
    logs: list[LogRow] = []
    receipts: list[bytes] = []
    gas_used = bloom = 0
    for position, (tx_hash, raw) in enumerate(waiting.items()):
        transaction = decode_transaction(raw, chain_id)
        if gas_used + transaction.gas > BLOCK_GAS_LIMIT:
            raise ChainError(
                "chain.block_full", f"{len(waiting)} transactions are too many for a block: send fewer"
            )
        outcome = machine.apply(transaction)
        gas_used += outcome.gas_used
        receipt, bits = encode_receipt(transaction.type_id, int(outcome.success), gas_used, outcome.logs)
        receipts.append(receipt)
        bloom |= bits
        transactions.append(
            TxRow(
                hash=tx_hash,
                block=number,
                position=position,
                raw=raw,
                sender=transaction.sender,
                nonce=transaction.nonce,
                recipient=transaction.to or None,
                created=outcome.created,
                status=int(outcome.success),
                gas_used=outcome.gas_used,
            )
        )
        logs += [
            LogRow(number, len(logs) + index, position, tx_hash, address, topics, data)
            for index, (address, topics, data) in enumerate(outcome.logs)
        ]
    header = Header(
        parent=parent.hash,
        number=number,
        timestamp=timestamp,
        state_root=machine.seal(),
        transactions_root=ordered_root(list(waiting.values())),
        receipts_root=ordered_root(receipts),
        bloom=bloom.to_bytes(256, "big"),
        gas_used=gas_used,
    )
    return Built(_sealed(header), machine.nodes.fresh, transactions, logs)


def check_header(store: Store, row: BlockRow) -> None:
    """Is the block's hash that of its header, and the parent there? Raises ChainError `chain.corrupt`."""
    parent = NO_HASH
    if row.number > 0:
        before = store.block(row.number - 1)
        if before is None:
            raise corrupt(store.path, f"block {row.number} has lost its parent")
        parent = before.hash
    if header_of(row, parent).hash() != row.hash:
        raise corrupt(store.path, f"block {row.number} does not match its hash")


def check_body(store: Store, row: BlockRow) -> None:
    """Are the stored transactions, receipts and logs those of the header? Raises ChainError `chain.corrupt`."""
    transactions = store.transactions(row.number)
    logs = store.logs_by_transaction(row.number)
    receipts = []
    gas = bloom = 0
    for transaction in transactions:
        gas += transaction.gas_used
        receipt, bits = encode_receipt(
            transaction.type_id,
            transaction.status,
            gas,
            [(log.address, log.topics, log.data) for log in logs.pop(transaction.hash, ())],
        )
        receipts.append(receipt)
        bloom |= bits
    whole = (
        not logs
        and ordered_root([transaction.raw for transaction in transactions]) == row.transactions_root
        and ordered_root(receipts) == row.receipts_root
        and (bloom.to_bytes(256, "big"), gas) == (row.bloom, row.gas_used)
    )
    if not whole:
        raise corrupt(store.path, f"the transactions or logs of block {row.number} do not match its header")
