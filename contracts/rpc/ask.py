"""The questions that are put to one endpoint, with answers that agree with themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.abi import decode_revert
from contracts.address import to_hex
from contracts.chain import TX_GAS_CAP, Intent
from contracts.errors import ChainError, ChainRevert
from contracts.rpc import decode
from contracts.rpc.decode import Header, RawReceipt
from contracts.rpc.endpoint import Endpoint
from contracts.rpc.faults import Malformed, Moved, Refused, Unknown

_REVERTED: Final = 3  # go-ethereum's code of a call that its contract refused
_MORE_GAS: Final = 3 * TX_GAS_CAP  # what nodes run at most for a call (go-ethereum, --rpc.gascap)
_GAS_PART: Final = 4
"""A limit is the estimate and a quarter more: the state may change until the transaction is mined."""


def block_at(endpoint: Endpoint, number: int) -> Header:
    """A block by number. Raises Unknown where the endpoint has none."""
    found = endpoint.ask("eth_getBlockByNumber", hex(number), False)
    if found is None:
        raise Unknown(f"it has no block {number}")
    return decode.header(found, number)


def tagged(endpoint: Endpoint, tag: str) -> Header:
    """The block of a tag (`latest`, `finalized`). Raises Unknown where the endpoint has none."""
    found = endpoint.ask("eth_getBlockByNumber", tag, False)
    if found is None:
        raise Unknown(f"it has no {tag} block")
    return decode.header(found, None)


def final_number(endpoint: Endpoint, confirmations: int) -> int:
    """The newest final block: the node's own word, else as many blocks below its head."""
    try:
        return tagged(endpoint, "finalized").block.number
    except (Refused, Unknown):
        return max(0, tagged(endpoint, "latest").block.number - confirmations)


def receipt_of(endpoint: Endpoint, tx_hash: str) -> RawReceipt | None:
    """A receipt that its block confirms, or None. Raises Moved when the block is not on the chain any more."""
    found = endpoint.ask("eth_getTransactionReceipt", tx_hash)
    if found is None:
        return None
    receipt = decode.receipt(found, tx_hash)
    header = block_at(endpoint, receipt.block)
    if header.block.hash != receipt.block_hash:
        raise Moved(f"block {receipt.block} of the receipt is not on its chain")
    if header.transactions[receipt.position : receipt.position + 1] != (tx_hash,):
        raise Malformed("the receipt's block does not hold the transaction")
    if not decode.blooms(receipt.logs, header.bloom):
        raise Malformed("the receipt's block does not hold the logs")
    return receipt


def quantity_at(endpoint: Endpoint, method: str, address: str, block_hash: str, bits: int) -> int:
    """`eth_getBalance` or `eth_getTransactionCount` after a block."""
    return decode.quantity(endpoint.ask(method, address, {"blockHash": block_hash}), method, bits)


def code_at(endpoint: Endpoint, address: str, block_hash: str) -> bytes:
    """The code after a block."""
    return decode.data(endpoint.ask("eth_getCode", address, {"blockHash": block_hash}), "the code")


def call_at(
    endpoint: Endpoint, to: str, data: bytes, sender: str | None, place: str | Mapping[str, str], gas: int
) -> bytes:
    """A call. Raises ChainRevert, `Unknown` where its gas ran out."""
    request = {"to": to, "data": to_hex(data), "gas": hex(gas), **({"from": sender} if sender else {})}
    try:
        return decode.data(endpoint.ask("eth_call", request, place), "the answer of a call")
    except Refused as refusal:
        if _ran_out(refusal):
            raise decode_revert(b"") from refusal
        raise _reverted(refusal) or refusal from refusal


def gas_limit(endpoint: Endpoint, intent: Intent) -> int:
    """The estimate with its margin. Raises ChainRevert, ChainError `chain.gas_cap`."""
    request = {
        "from": intent.sender, "data": to_hex(intent.data), "value": hex(intent.value), "gas": hex(TX_GAS_CAP),
        **({"to": intent.to} if intent.to is not None else {}),
    }  # fmt: skip
    try:
        estimate = decode.quantity(
            endpoint.ask("eth_estimateGas", request, "latest"), "the estimate", decode.INT_BITS
        )
    except Refused as refusal:
        if "exceeds allowance" in refusal.message or _ran_out(refusal):
            raise _over_cap(intent) from refusal
        reverted = _reverted(refusal)
        if reverted is None:
            raise
        if not reverted.data and _works_with_more(endpoint, request):
            raise _over_cap(intent) from refusal
        raise reverted from refusal
    if estimate > TX_GAS_CAP:
        raise _over_cap(intent)
    return min(estimate + estimate // _GAS_PART, TX_GAS_CAP)


def _ran_out(refusal: Refused) -> bool:
    # Nodes spell it "out of gas", "OutOfGas" or, where memory took it, "MemoryOOG".
    said = refusal.message.replace(" ", "")
    return "outofgas" in said or said.endswith("oog")


def _works_with_more(endpoint: Endpoint, request: Mapping[str, str]) -> bool:
    # Gas that runs out inside a call of a contract's own looks like a refusal without a reason.
    try:
        endpoint.ask("eth_call", {**request, "gas": hex(_MORE_GAS)}, "latest")
    except Refused:
        return False
    return True


def _over_cap(intent: Intent) -> ChainError:
    return ChainError(
        "chain.gas_cap", f"{intent.key} needs more than {TX_GAS_CAP} gas: split it", intent=intent.key
    )


def _reverted(refusal: Refused) -> ChainRevert | None:
    if refusal.code != _REVERTED and "revert" not in refusal.message:
        return None
    reason = decode.data(refusal.data, "the reason") if refusal.data is not None else b""
    try:
        return decode_revert(reason)
    except ChainError as error:
        raise Malformed("the reason of a refused call cannot be read") from error


def tip(endpoint: Endpoint, base_fee: int) -> int:
    """What validators take at least, in wei per gas."""
    try:
        return decode.quantity(endpoint.ask("eth_maxPriorityFeePerGas"), "the tip", 128)
    except Refused:
        return max(0, decode.quantity(endpoint.ask("eth_gasPrice"), "the gas price", 128) - base_fee)


def pending_nonce(endpoint: Endpoint, address: str) -> int:
    """The nonce after the transactions that wait there."""
    return decode.quantity(
        endpoint.ask("eth_getTransactionCount", address, "pending"), "the nonce", decode.INT_BITS
    )
