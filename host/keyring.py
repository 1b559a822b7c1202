"""The host's own keys, all derived from one secret file of the data folder."""

from __future__ import annotations

import os
from pathlib import Path

from contracts.keys import PrivateKey, derive_key
from host.errors import MallError
from host.keyfile import read_secret, write_secret

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


def open_keyring(path: Path) -> Keyring:
    """The keyring whose secret lies in `path`; a new secret in a folder that has no data yet.

    Raises:
        MallError: key.lost, key.open_to_others, key.bad_secret.
    """
    if not path.exists():
        if any(path.parent.glob("*.db")):
            raise MallError(
                "key.lost",
                f"{path} is missing, and with it every wallet that the host keeps. Restore it from a backup.",
                path=str(path),
            )
        write_secret(path, os.urandom(SECRET_BYTES))
    secret = read_secret(path)
    if len(secret) != SECRET_BYTES:
        raise MallError(
            "key.bad_secret",
            f"{path} does not hold {SECRET_BYTES} bytes. Restore it from a backup.",
            path=str(path),
        )
    return Keyring(secret)
