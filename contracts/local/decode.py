"""Signed transactions from bytes: legacy with a chain id (EIP-155), EIP-2930, EIP-1559 and EIP-7702. Everything
that a node of Prague refuses before it runs a transaction is refused here, and more gas than EIP-7825 allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import rlp

from contracts.address import address_bytes, keccak256
from contracts.chain import TX_GAS_CAP
from contracts.errors import ChainError
from contracts.keys import CURVE_ORDER, joined, recover_digest
from contracts.local.encoding import encode
from contracts.local.header import BASE_FEE
from contracts.transaction import number_of

LEGACY, ACCESS_LIST, DYNAMIC_FEE, BLOB, SET_CODE = range(5)
MAX_INITCODE = 49_152
"""EIP-3860, in bytes."""

_NONCE_LIMIT = 2**64 - 1
# Fields before the signature, by type.
_FIELDS = {LEGACY: 6, ACCESS_LIST: 8, DYNAMIC_FEE: 9, SET_CODE: 10}

AccessList = tuple[tuple[bytes, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Authorization:
    """A signed wish that an account run another one's code (EIP-7702), not yet checked."""

    chain_id: int
    address: bytes
    nonce: int
    y_parity: int
    r: int
    s: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction, its sender already recovered. `to` is empty where it deploys `data`; fees in wei per gas."""

    type_id: int
    nonce: int
    max_priority_fee_per_gas: int
    max_fee_per_gas: int
    gas: int
    to: bytes
    value: int
    data: bytes
    access_list: AccessList
    authorization_list: tuple[Authorization, ...]
    sender: bytes
    y_parity: int = 0
    r: int = 0
    s: int = 0

    @property
    def price(self) -> int:
        """What it pays per gas, in wei."""
        return min(self.max_fee_per_gas, BASE_FEE + self.max_priority_fee_per_gas)

    @property
    def intrinsic_gas(self) -> int:
        """Gas taken before the first opcode, but for the words of code to deploy (EIP-2, 2028, 2930, 7702)."""
        zeros = self.data.count(0)
        slots = sum(len(keys) for _, keys in self.access_list)
        return (
            21_000
            + (0 if self.to else 32_000)
            + 4 * zeros
            + 16 * (len(self.data) - zeros)
            + 2_400 * len(self.access_list)
            + 1_900 * slots
            + 25_000 * len(self.authorization_list)
        )

    @property
    def initcode_gas(self) -> int:
        """2 gas per word of code to deploy (EIP-3860)."""
        return 0 if self.to else 2 * ((len(self.data) + 31) // 32)

    @property
    def floor_gas(self) -> int:
        """The least that calldata costs: 10 gas per zero byte and 40 per other byte (EIP-7623)."""
        zeros = self.data.count(0)
        return 21_000 + 10 * zeros + 40 * (len(self.data) - zeros)


@lru_cache(maxsize=64)
def decode_transaction(raw: bytes, chain_id: int) -> Transaction:
    """The transaction in signed bytes. Raises ChainError `chain.bad_transaction`, `chain.wrong_chain`,
    `chain.gas_cap`."""
    # What was mined is most often asked for at once, and recovering who signed is the dearest part.
    try:
        if not raw:
            raise ValueError("there are none")
        kind = raw[0] if raw[0] < 0x80 else LEGACY
        if raw[0] == LEGACY or kind not in _FIELDS:
            raise ValueError(f"type {raw[0]} is not served here")
        fields = rlp.decode(raw if kind == LEGACY else raw[1:], strict=True)
        if not isinstance(fields, list) or len(fields) != _FIELDS[kind] + 3:
            raise ValueError(f"type {kind} has {_FIELDS[kind] + 3} fields")
        transaction, signed_for = _read(kind, fields)
        if signed_for != chain_id:
            raise ChainError(
                "chain.wrong_chain",
                f"signed for chain {signed_for}, this is chain {chain_id}",
                given=signed_for,
            )
        _check(transaction)
    except (rlp.exceptions.RLPException, ValueError, TypeError, RecursionError) as error:
        raise ChainError(
            "chain.bad_transaction", f"these bytes are no valid signed transaction: {error}"
        ) from error
    return transaction


def _read(kind: int, fields: list[Any]) -> tuple[Transaction, int | None]:
    """The transaction and the chain it is signed for; None where it is signed for any."""
    signature = [number_of(field) for field in fields[-3:]]
    if kind == LEGACY:
        nonce, price, gas, to, value, data = fields[:6]
        v, r, s = signature
        if v in (27, 28):
            signed_for, parity, payload = None, v - 27, fields[:6]
        elif v >= 35:
            signed_for, parity = (v - 35) // 2, (v - 35) % 2
            payload = [*fields[:6], signed_for, 0, 0]
        else:
            raise ValueError("v of a signature is 27, 28 or from 35 on")
        fee = tip = number_of(price)
        accesses: Any = []
        authorizations: Any = []
    else:
        parity, r, s = signature
        signed_for = number_of(fields[0])
        prices = fields[2:3] * 2 if kind == ACCESS_LIST else fields[2:4]
        tip, fee = (number_of(field) for field in prices)
        nonce = fields[1]
        gas, to, value, data, accesses = fields[3 if kind == ACCESS_LIST else 4 :][:5]
        authorizations = fields[9] if kind == SET_CODE else []
        payload = fields[:-3]
    if parity > 1 or not 0 < r < CURVE_ORDER or not 0 < s <= CURVE_ORDER // 2:
        raise ValueError("the signature is none, or the other one of its twins (EIP-2)")
    prefix = b"" if kind == LEGACY else bytes([kind])
    return (
        Transaction(
            type_id=kind,
            nonce=number_of(nonce),
            max_priority_fee_per_gas=tip,
            max_fee_per_gas=fee,
            gas=number_of(gas),
            to=_bytes(to, 0, 20),
            value=number_of(value),
            data=_bytes(data),
            access_list=tuple(_access(item) for item in _list(accesses)),
            authorization_list=tuple(_authorization(item) for item in _list(authorizations)),
            sender=_sender(keccak256(prefix + encode(payload)), parity, r, s),
            y_parity=parity,
            r=r,
            s=s,
        ),
        signed_for,
    )


def _check(transaction: Transaction) -> None:
    if transaction.gas > TX_GAS_CAP:
        raise ChainError(
            "chain.gas_cap", f"a transaction may use {TX_GAS_CAP} gas (EIP-7825)", gas=transaction.gas
        )
    least = max(transaction.intrinsic_gas + transaction.initcode_gas, transaction.floor_gas)
    if transaction.gas < least:
        raise ValueError(f"the gas limit is {transaction.gas}, its bytes alone cost {least}")
    if transaction.nonce >= _NONCE_LIMIT:
        raise ValueError("a nonce is below 2^64 - 1 (EIP-2681)")
    if transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas:
        raise ValueError("the tip is larger than the fee it is part of (EIP-1559)")
    if not transaction.to and len(transaction.data) > MAX_INITCODE:
        raise ValueError(f"code to deploy has {MAX_INITCODE} bytes at most (EIP-3860)")
    if transaction.type_id == SET_CODE and not (transaction.to and transaction.authorization_list):
        raise ValueError("type 4 has a receiver and an authorization (EIP-7702)")


def _sender(digest: bytes, parity: int, r: int, s: int) -> bytes:
    try:
        return address_bytes(recover_digest(digest, joined(parity, r, s)))
    except ChainError as error:
        raise ValueError("nobody has signed this") from error


def _access(item: Any) -> tuple[bytes, tuple[int, ...]]:
    address, keys = _list(item, 2)
    return _bytes(address, 20), tuple(int.from_bytes(_bytes(key, 32), "big") for key in _list(keys))


def _authorization(item: Any) -> Authorization:
    chain_id, address, nonce, parity, r, s = _list(item, 6)
    if number_of(nonce) > _NONCE_LIMIT or number_of(parity) > 255:
        raise ValueError("a number of an authorization is out of range (EIP-7702)")
    return Authorization(
        number_of(chain_id),
        _bytes(address, 20),
        number_of(nonce),
        number_of(parity),
        number_of(r),
        number_of(s),
    )


def _list(item: Any, length: int | None = None) -> list[Any]:
    if not isinstance(item, list) or (length is not None and len(item) != length):
        raise ValueError("a list of the transaction is none, or has another length")
    return item


def _bytes(item: Any, *lengths: int) -> bytes:
    if not isinstance(item, bytes) or (lengths and len(item) not in lengths):
        raise ValueError("an address or a key of the transaction has another length")
    return item
