"""Signed transactions: made of an intent and a price, and read back from their bytes."""

from __future__ import annotations

from contracts.address import keccak256, to_hex
from contracts.chain import TX_GAS_CAP, Intent, SignedTx
from contracts.errors import ChainError
from contracts.keys import joined, recover_digest
from contracts.signer import Signer
from contracts.transaction import UnsignedTx, parse_signed


def sign_intent(
    intent: Intent, nonce: int, key: Signer, *, chain_id: int, gas: int, fee: int, tip: int
) -> SignedTx:
    """Signs `intent` with an EIP-1559 price of at most `fee` wei per gas, `tip` of it for the validator.

    Raises ChainError `chain.wrong_key`, `chain.gas_cap`, `chain.bad_address`, `chain.bad_amount`, `signer.*`.
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
    raw = key.sign_transaction(
        UnsignedTx(chain_id, nonce, tip, fee, gas, intent.to, intent.value, intent.data)
    )
    return SignedTx(raw=raw, tx_hash=to_hex(keccak256(raw)), sender=key.address, nonce=nonce)


def read_signed(raw: bytes) -> tuple[UnsignedTx, str]:
    """The transaction that signed bytes hold, and who signed it.

    Raises ChainError `chain.bad_transaction`, `keys.bad_signature`.
    """
    unsigned, (parity, r, s) = parse_signed(raw)
    if parity > 1 or r.bit_length() > 256 or s.bit_length() > 256:
        raise ChainError("chain.bad_transaction", "these bytes are no signed transaction: parity is 0 or 1")
    return unsigned, recover_digest(unsigned.digest(), joined(parity, r, s))
