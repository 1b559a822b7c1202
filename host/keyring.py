"""The host's own keys, all derived from one secret file of the data folder."""

from __future__ import annotations

import os
from pathlib import Path

from contracts.keys import PrivateKey, derive_key
from host.errors import MallError

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
    """The keyring whose secret lies in `path`; a new secret where there is none.

    Raises:
        MallError: key.open_to_others, key.bad_secret.
    """
    if not path.exists():
        fresh = path.with_name(path.name + ".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    if path.stat().st_mode & 0o077:
        raise MallError(
            "key.open_to_others", f"Others may read {path}. Do `chmod 600 {path}`.", path=str(path)
        )
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise MallError(
            "key.bad_secret",
            f"{path} does not hold {SECRET_BYTES} bytes. Restore it from a backup.",
            path=str(path),
        )
    return Keyring(secret)
