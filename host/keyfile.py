"""Key files of people: creators, landholders. One private key as 64 hex digits, mode 0600."""

from __future__ import annotations

import os
from pathlib import Path

from contracts.errors import ChainError
from contracts.keys import PrivateKey
from host.errors import MallError
from host.files import write_whole


def load_key(path: Path) -> PrivateKey:
    """The key in `path`; a new one where there is no file.

    Raises:
        MallError: key.open_to_others, key.unreadable, key.bad.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_secret(path, os.urandom(32).hex().encode() + b"\n")
        text = read_secret(path)
    except OSError as error:
        raise MallError(
            "key.unreadable",
            f"The key file {path} cannot be used: {error.strerror or error}.",
            path=str(path),
        ) from error
    try:
        return PrivateKey(bytes.fromhex(text.decode("ascii").strip().removeprefix("0x")))
    except (ValueError, ChainError) as error:
        raise MallError(
            "key.bad",
            f"{path} holds no private key of 64 hex digits. Restore or remove it.",
            path=str(path),
        ) from error


def read_secret(path: Path) -> bytes:
    """The content of a file that only its owner may read.

    Raises:
        OSError: it cannot be read.
        MallError: key.open_to_others.
    """
    if path.stat().st_mode & 0o077:
        raise MallError(
            "key.open_to_others", f"Others may read {path}. Do `chmod 600 {path}`.", path=str(path)
        )
    return path.read_bytes()


def write_secret(path: Path, secret: bytes) -> None:
    """Make a file for its owner's eyes only: on disk as a whole when this returns, or not there.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(path, secret, path.with_name(path.name + ".new"), 0o600)
