"""Hands signed transactions to every endpoint, and reads what they say about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts.address import to_hex
from contracts.errors import ChainError
from contracts.rpc import decode
from contracts.rpc.endpoint import Endpoint
from contracts.rpc.faults import Malformed, Refused

TAKEN: Final = "taken"
NONCE: Final = "nonce"
FUNDS: Final = "funds"
PRICE: Final = "price"
GAS: Final = "gas"
OTHER: Final = "other"

# How nodes say it (go-ethereum core/txpool, reth, anvil). The first that fits counts.
_SAYINGS: Final = (
    ("already known", TAKEN),
    ("already imported", TAKEN),
    ("known transaction", TAKEN),
    ("nonce too low", NONCE),
    ("nonce is too low", NONCE),
    ("insufficient funds", FUNDS),
    ("underpriced", PRICE),
    ("less than block base fee", PRICE),
    ("fee too low", PRICE),
    ("gas price too low", PRICE),
    ("gas limit", GAS),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an endpoint says of a transaction: `kind` is TAKEN, or why not; `said` are its words."""

    kind: str
    said: str


def hand_over(endpoint: Endpoint, raw: bytes, tx_hash: str) -> Verdict:
    """Sends the bytes. Raises Malformed when the endpoint names another hash."""
    try:
        named = endpoint.ask("eth_sendRawTransaction", to_hex(raw))
    except Refused as refusal:
        kind = next((kind for saying, kind in _SAYINGS if saying in refusal.message), OTHER)
        return Verdict(kind, refusal.reason)
    if decode.digest(named, "the transaction's hash") != tx_hash:
        raise Malformed("it names another hash than the transaction has")
    return Verdict(TAKEN, "")


def refusal(kind: str, told: str, tx_hash: str) -> ChainError:
    """The error of a transaction that no endpoint takes, though its nonce is free."""
    if kind == FUNDS:
        return ChainError(
            "chain.no_funds", f"the sender cannot pay for the gas, send it some coin: {told}", tx_hash=tx_hash
        )
    if kind == PRICE:
        return ChainError(
            "chain.underpriced",
            "the offer is below what nodes take now, or less than a tenth above that of the transaction which waits "
            f"under this nonce, ask for another price: {told}",
            tx_hash=tx_hash,
        )
    if kind == GAS:
        return ChainError(
            "chain.gas_cap", f"no block has room for so much gas, split it: {told}", tx_hash=tx_hash
        )
    return ChainError("chain.refused", f"no endpoint takes the transaction: {told}", tx_hash=tx_hash)
