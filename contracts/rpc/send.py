"""Hands signed transactions to every endpoint, and reads what they say about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts.address import to_hex
from contracts.rpc import decode
from contracts.rpc.endpoint import Endpoint
from contracts.rpc.faults import Malformed, Refused

TAKEN: Final = ""
NONCE: Final = "chain.nonce"

# How nodes say it (go-ethereum core/txpool, reth, anvil). The first that fits counts.
_SAYINGS: Final = (
    ("already known", TAKEN),
    ("already imported", TAKEN),
    ("known transaction", TAKEN),
    ("nonce too low", NONCE),
    ("nonce is too low", NONCE),
    ("insufficient funds", "chain.no_funds"),
    ("underpriced", "chain.underpriced"),
    ("less than block base fee", "chain.underpriced"),
    ("fee too low", "chain.underpriced"),
    ("gas price too low", "chain.underpriced"),
    ("gas limit", "chain.gas_cap"),
    ("intrinsic gas", "chain.bad_transaction"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an endpoint says of a transaction: `code` is TAKEN, or why not."""

    code: str
    said: str


def hand_over(endpoint: Endpoint, raw: bytes, tx_hash: str) -> Verdict:
    """Sends the bytes. Raises Malformed when the endpoint names another hash."""
    try:
        named = endpoint.ask("eth_sendRawTransaction", to_hex(raw))
    except Refused as refusal:
        code = next((code for saying, code in _SAYINGS if saying in refusal.message), "chain.refused")
        return Verdict(code, refusal.reason)
    if decode.digest(named, "the transaction's hash") != tx_hash:
        raise Malformed("it names another hash than the transaction has")
    return Verdict(TAKEN, "")
