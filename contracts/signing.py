"""Signed transactions of EIP-1559 (type 2), built from RLP alone."""

from __future__ import annotations

import rlp

from contracts.address import address_bytes, keccak256, to_hex
from contracts.chain import TX_GAS_CAP, Intent, SignedTx
from contracts.errors import ChainError
from contracts.keys import PrivateKey

DYNAMIC_FEE = b"\x02"


def sign_intent(
    intent: Intent, nonce: int, key: PrivateKey, *, chain_id: int, gas: int, fee: int, tip: int
) -> SignedTx:
    """Signs `intent` with an EIP-1559 price of at most `fee` wei per gas, `tip` of it for the validator.

    Raises ChainError `chain.wrong_key`, `chain.gas_cap`, `chain.bad_address`, `chain.bad_amount`.
    """
    if intent.sender != key.address:
        raise ChainError(
            "chain.wrong_key", "the key is not the sender's", sender=intent.sender, key_of=key.address
        )
    if not 0 < gas <= TX_GAS_CAP:
        raise ChainError(
            "chain.gas_cap", f"a transaction may use 1 to {TX_GAS_CAP} gas", gas=gas, intent=intent.key
        )
    if intent.value < 0 or nonce < 0:
        raise ChainError(
            "chain.bad_amount", "value and nonce are not negative", value=intent.value, nonce=nonce
        )
    to = address_bytes(intent.to) if intent.to is not None else b""
    fields = [chain_id, nonce, tip, fee, gas, to, intent.value, intent.data, []]
    parity, r, s = key.sign_digest(keccak256(DYNAMIC_FEE + rlp.encode(fields)))
    raw = DYNAMIC_FEE + rlp.encode([*fields, parity, r, s])
    return SignedTx(raw=raw, tx_hash=to_hex(keccak256(raw)), sender=key.address, nonce=nonce)
