"""Key files of people: creators, landholders, players. One private key, mode 0600: 64 hex digits, or an encrypted key
file of version 3.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from contracts import keystore
from contracts.errors import ChainError
from contracts.keys import PrivateKey
from host.errors import MallError
from host.files import write_whole


def load_key(path: Path, password: Callable[[], str] = lambda: "") -> PrivateKey:
    """The key in `path`; a new one where there is no file.

    Args:
        password: asked for when the file is encrypted.

    Raises:
        MallError: key.open_to_others, key.unreadable, key.bad, key.no_password, keystore.*.
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
    if keystore.is_keystore(text):
        return PrivateKey(opened(path, text, password))
    try:
        return PrivateKey(bytes.fromhex(text.decode("ascii").strip().removeprefix("0x")))
    except (ValueError, ChainError) as error:
        raise MallError(
            "key.bad",
            f"{path} holds no private key of 64 hex digits. Restore or remove it.",
            path=str(path),
        ) from error


def opened(path: Path, content: bytes, password: Callable[[], str]) -> bytes:
    """The 32 secret bytes of an encrypted file.

    Raises:
        MallError: key.no_password, keystore.*.
    """
    given = password()
    if not given:
        raise MallError(
            "key.no_password",
            f"{path} is encrypted. Name a file with its password (key_password_file) or set MALL_KEY_PASSWORD.",
            path=str(path),
        )
    try:
        return keystore.decrypt(content, given)
    except ChainError as error:
        raise MallError(error.code, f"{path}: {error.message}.", path=str(path)) from None


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
