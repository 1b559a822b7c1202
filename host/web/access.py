"""Who may look: one token in the data folder, a cookie made from it, and a Host header that cannot be rebound."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from host.errors import MallError

TOKEN_FILE: Final = "console.token"  # noqa: S105
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def open_token(data: Path) -> str:
    """The console's token in the data folder (mode 0600); a new one where there is none.

    It stays the same over restarts, so a bookmark works; delete the file to lock everybody out.

    Raises:
        MallError: console.token_open_to_others, console.bad_token_file, storage.unreadable.
    """
    path = data / TOKEN_FILE
    try:
        _make_token(path)
        if path.stat().st_mode & 0o077:
            raise MallError(
                "console.token_open_to_others",
                f"Others may read {path}. Delete it and start the console again: the token may be known.",
                path=str(path),
            )
        found = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise MallError(
            "storage.unreadable",
            f"The console's token {path} cannot be used: {error.strerror or error}. Check the data folder.",
            path=str(path),
        ) from error
    if not _TOKEN.fullmatch(found):
        raise MallError(
            "console.bad_token_file",
            f"{path} holds no console token. Delete it; the next start makes a new one.",
            path=str(path),
        )
    return found


def _make_token(path: Path) -> None:
    """Write a token unless there is one; a reader never sees half of it."""
    if path.exists():
        return
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    try:
        os.link(fresh, path)  # unlike a rename it keeps the token of another console that was faster
    except FileExistsError:
        return
    finally:
        fresh.unlink()


def cookie_name(port: int) -> str:
    """A name of its own for each port: browsers share cookies between the ports of one address."""
    return f"mall_console_{port}"


def cookie_value(token: str) -> str:
    """What the browser keeps: proof of the token, not the token, since other local ports get the cookie too."""
    return hmac.new(token.encode(), b"mall.live console cookie", hashlib.sha256).hexdigest()


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def is_own_host(header: str) -> bool:
    """Whether a Host header names this machine as no foreign page can: `localhost` or an address in digits.

    DNS rebinding needs a name that its owner can point elsewhere.
    """
    try:
        parts = urlsplit(f"//{header}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if name is None or parts.netloc != header or "@" in header:
        return False
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
