"""Encrypted key files: the Web3 Secret Storage form, version 3, that geth and Clef write (JSON, scrypt or PBKDF2)."""

from __future__ import annotations

import json
from typing import Any

from contracts.errors import ChainError
from contracts.keys import PrivateKey
from contracts.recursion import kept_recursion_limit

SCRYPT_N = 1 << 18
"""The cost that geth uses: 256 MiB and about a second."""
LIGHT_SCRYPT_N = 1 << 12
MAX_FILE = 64 * 1024
MAX_SCRYPT_BYTES = 1 << 30
MAX_PBKDF2_ROUNDS = 10_000_000


def encrypt(secret: bytes, password: str, *, scrypt_n: int = SCRYPT_N) -> bytes:
    """The JSON file that holds 32 secret bytes under a password.

    Args:
        scrypt_n: the cost, a power of two; memory is about 1 KiB times this.

    Raises:
        ChainError: keystore.no_password.
    """
    with kept_recursion_limit():
        from eth_account import Account

    if not password:
        raise ChainError(
            "keystore.no_password", "an encrypted key file needs a password of at least one character"
        )
    made = Account.encrypt(secret, password, kdf="scrypt", iterations=scrypt_n)
    return json.dumps(made, indent=1).encode() + b"\n"


def is_keystore(content: bytes) -> bool:
    """Whether the bytes of a key file look like an encrypted one."""
    return content.lstrip()[:1] == b"{"


def decrypt(content: bytes, password: str) -> bytes:
    """The 32 secret bytes of an encrypted key file.

    Raises:
        ChainError: keystore.malformed, keystore.too_costly, keystore.wrong_password.
    """
    with kept_recursion_limit():
        from eth_account import Account

    crypto = _checked(content)
    try:
        secret = bytes(Account.decrypt(crypto, password))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if "MAC mismatch" in str(error):
            raise ChainError(
                "keystore.wrong_password", "the password does not open this encrypted key file"
            ) from None
        raise _malformed(type(error).__name__) from None
    if len(secret) != 32:
        raise _malformed("it does not hold 32 bytes")
    return secret


def open_key(content: bytes, password: str) -> PrivateKey:
    """The key in an encrypted key file. Raises as `decrypt` does, and keys.invalid."""
    return PrivateKey(decrypt(content, password))


def _checked(content: bytes) -> dict[str, Any]:
    """The file's JSON, when opening it costs no more than a file of ours could."""
    try:
        if len(content) > MAX_FILE:
            raise ValueError("too long")
        found = json.loads(content)
        found = {str(key).lower(): value for key, value in found.items()}
        crypto = found["crypto"]
        given, kdf = crypto["kdfparams"], crypto["kdf"]
        if found["version"] != 3 or kdf not in ("scrypt", "pbkdf2"):
            raise ValueError("another version or another way to derive the key")
        if kdf == "scrypt":
            n, r, p = (int(given[name]) for name in ("n", "r", "p"))
            costly = min(n, r, p) < 1 or 128 * n * r > MAX_SCRYPT_BYTES or r * p > 64
        else:
            costly = not 1 <= int(given["c"]) <= MAX_PBKDF2_ROUNDS
        costly = costly or int(given["dklen"]) != 32
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _malformed(type(error).__name__) from None
    if costly:
        raise ChainError(
            "keystore.too_costly", "opening this key file asks for more memory or time than any real one"
        )
    return found


def _malformed(what: str) -> ChainError:
    return ChainError(
        "keystore.malformed", f"this is no encrypted key file of version 3 ({what}): restore it from a backup"
    )
