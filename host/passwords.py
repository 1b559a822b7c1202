"""Passwords of encrypted keys: from a file, the environment or a person; never from a setting, never shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path

from host.errors import MallError
from host.keyfile import read_secret

VARIABLE = "MALL_KEY_PASSWORD"
MAX_BYTES = 4096
Password = Callable[[], str]
"""Asks for a password; "" where nobody has set one."""


def password_source(
    file: Path | str | None, env: Mapping[str, str] = os.environ, *, ask: str = ""
) -> Password:
    """Where a password comes from: the first line of `file`, else MALL_KEY_PASSWORD, else a person at a terminal.

    Args:
        file: None or "" names none.
        ask: what the person is asked; "" never asks.
    """

    def password() -> str:
        if file:
            return _first_line(Path(file).expanduser())
        if VARIABLE in env:
            return env[VARIABLE]
        return getpass(f"{ask}: ") if ask and sys.stdin.isatty() else ""

    return password


def _first_line(path: Path) -> str:
    try:
        text = read_secret(path)[:MAX_BYTES].decode("utf-8").split("\n", 1)[0].removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise MallError(
            "key.no_password",
            f"The password file {path} cannot be read ({type(error).__name__}).",
            path=str(path),
        ) from None
    if not text:
        raise MallError(
            "key.no_password", f"The password file {path} begins with an empty line.", path=str(path)
        )
    return text
