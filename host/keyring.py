"""The host's own keys, all derived from one secret file of the data folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from contracts import keystore
from contracts.keys import PrivateKey, derive_key
from host.errors import MallError
from host.keyfile import opened, read_secret, write_secret

SECRET_BYTES = 32
TREASURY = "treasury"
OPERATOR = "operator"


class Keyring:
    """Derives the key of a label: `treasury` owns unsold land and the LIVE supply, `operator` settles rewards, guests
    have labels of their own.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Keyring()"

    def key(self, label: str) -> PrivateKey:
        """The private key behind a label."""
        return derive_key(self._secret, label)

    def address(self, label: str) -> str:
        """The wallet behind a label."""
        return self.key(label).address


def open_keyring(
    path: Path, password: Callable[[], str] = lambda: "", *, scrypt_n: int | None = None
) -> Keyring:
    """The keyring whose secret lies in `path`; a new secret in a folder that has no data yet.

    Where there is a password the file is an encrypted one (version 3); a plain one is encrypted now.

    Args:
        scrypt_n: what opening an encrypted secret costs; None: as `contracts.keystore` says.

    Raises:
        MallError: key.lost, key.open_to_others, key.bad_secret, key.no_password, keystore.*.
    """
    if not path.exists():
        if any(path.parent.glob("*.db")):
            raise MallError(
                "key.lost",
                f"{path} is missing, and with it every wallet that the host keeps. Restore it from a backup.",
                path=str(path),
            )
        _write(path, os.urandom(SECRET_BYTES), password(), scrypt_n)
    content = read_secret(path)
    if len(content) != SECRET_BYTES and keystore.is_keystore(content):
        return Keyring(opened(path, content, password))
    if len(content) != SECRET_BYTES:
        raise MallError(
            "key.bad_secret",
            f"{path} does not hold {SECRET_BYTES} bytes. Restore it from a backup.",
            path=str(path),
        )
    if given := password():
        _write(path, content, given, scrypt_n)
    return Keyring(content)


def _write(path: Path, secret: bytes, password: str, scrypt_n: int | None) -> None:
    cost = scrypt_n or keystore.SCRYPT_N
    write_secret(path, keystore.encrypt(secret, password, scrypt_n=cost) if password else secret)
