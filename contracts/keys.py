"""Private keys: derived for guests, used to sign, never shown."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import coincurve

from contracts.address import address_from_bytes, keccak256
from contracts.errors import ChainError
from contracts.transaction import UnsignedTx

# Order of secp256k1, SEC 2 section 2.4.1.
CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


class PrivateKey:
    """A secp256k1 key. Its repr and its errors show the address only; it can neither be pickled nor printed
    by accident."""

    __slots__ = ("_key", "address")

    def __init__(self, secret: bytes) -> None:
        """Takes 32 bytes. Raises ChainError `keys.invalid` when they are no key of the curve."""
        if len(secret) != 32 or not 0 < int.from_bytes(secret, "big") < CURVE_ORDER:
            raise ChainError("keys.invalid", "a private key is 32 bytes between 1 and the order of secp256k1")
        self._key = coincurve.PrivateKey(secret)
        self.address = address_from_bytes(_address_of_public(self._key.public_key))

    def __repr__(self) -> str:
        return f"PrivateKey(of {self.address})"

    def __reduce__(self) -> str:
        raise ChainError(
            "keys.secret", "a private key does not leave the process; store its master secret instead"
        )

    def reveal(self) -> bytes:
        """The 32 secret bytes, for the one place that stores them."""
        return bytes(self._key.secret)

    def sign_digest(self, digest: bytes) -> tuple[int, int, int]:
        """Signs 32 bytes: (y_parity, r, s) with s in the lower half (EIP-2)."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[64], int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")

    def sign_transaction(self, unsigned: UnsignedTx) -> bytes:
        """The bytes to broadcast; the same transaction gives the same bytes (RFC 6979)."""
        return unsigned.signed(*self.sign_digest(unsigned.digest()))

    def sign_typed(self, document: Mapping[str, object], digest: bytes) -> bytes:
        """65 bytes r || s || v over the EIP-712 `digest` of `document`."""
        return joined(*self.sign_digest(digest))


def derive_key(master: bytes, label: str) -> PrivateKey:
    """The key of `label` under a master secret of at least 32 bytes: HMAC-SHA256 taken twice (512 bits),
    reduced into 1..order-1, so that no key is measurably likelier than another. Raises ChainError
    `keys.weak_master`."""
    if len(master) < 32:
        raise ChainError(
            "keys.weak_master", f"the master secret needs 32 bytes or more, this one has {len(master)}"
        )
    wide = b"".join(
        hmac.new(master, part + label.encode(), hashlib.sha256).digest() for part in (b"\x00", b"\x01")
    )
    return PrivateKey((int.from_bytes(wide, "big") % (CURVE_ORDER - 1) + 1).to_bytes(32, "big"))


def address_of(key: PrivateKey) -> str:
    """The address of a key, in EIP-55 spelling."""
    return key.address


def message_digest(message: bytes) -> bytes:
    """EIP-191 version 0x45, what wallets sign as `personal_sign`."""
    return keccak256(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)


def sign_message(key: PrivateKey, message: bytes) -> bytes:
    """65 bytes r || s || v with v 27 or 28, over the EIP-191 digest."""
    return joined(*key.sign_digest(message_digest(message)))


def joined(parity: int, r: int, s: int) -> bytes:
    """A signature as wallets write it: 65 bytes r || s || v with v 27 or 28."""
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + parity])


def recover_message(message: bytes, signature: bytes) -> str:
    """The address that signed `message`. Raises ChainError `keys.bad_signature` on any other form, a high s
    included (EIP-2)."""
    return recover_digest(message_digest(message), signature)


def recover_digest(digest: bytes, signature: bytes) -> str:
    """The address whose key signed the 32 bytes. Raises ChainError `keys.bad_signature`."""
    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        raise ChainError("keys.bad_signature", "a signature is 65 bytes r, s, v with v of 0, 1, 27 or 28")
    if not 0 < int.from_bytes(signature[32:64], "big") <= CURVE_ORDER // 2:
        raise ChainError(
            "keys.bad_signature", "the s of this signature is not in the lower half of the curve order"
        )
    compact = signature[:64] + bytes([signature[64] % 27])
    try:
        public = coincurve.PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except ValueError as error:
        raise ChainError("keys.bad_signature", "no key can have made this signature") from error
    return address_from_bytes(_address_of_public(public))


def _address_of_public(public: coincurve.PublicKey) -> bytes:
    return keccak256(public.format(compressed=False)[1:])[12:]
