"""Key files of people: creators, landholders. One private key as 64 hex digits, mode 0600."""

from __future__ import annotations

import os
from pathlib import Path

from contracts.errors import ChainError
from contracts.keys import PrivateKey
from host.errors import MallError


def load_key(path: Path) -> PrivateKey:
    """The key in `path`; a new one where there is no file.

    Raises:
        MallError: key.open_to_others, key.unreadable.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(os.urandom(32).hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
        if path.stat().st_mode & 0o077:
            raise MallError(
                "key.open_to_others", f"Others may read {path}. Do `chmod 600 {path}`.", path=str(path)
            )
        return PrivateKey(bytes.fromhex(path.read_text().strip().removeprefix("0x")))
    except (OSError, ValueError, ChainError) as error:
        raise MallError(
            "key.unreadable",
            f"{path} holds no private key of 64 hex digits. Restore or remove it.",
            path=str(path),
        ) from error
