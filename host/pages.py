"""Where players' browsers reach the host's pages: set by the operator, or said by the console when it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from contracts.errors import ChainError
from contracts.siwe import origin_of
from host.config import Config
from host.errors import MallError

FILE: Final = "console.origin"


def announce(config: Config, origin: str) -> None:
    """Remember where the console listens, as its port may be any free one.

    Raises:
        OSError: the data folder cannot be written.
    """
    _path(config).write_text(origin + "\n", encoding="ascii")


def withdraw(config: Config, origin: str) -> None:
    """The console at this origin listens no more; one that was started since stays."""
    path = _path(config)
    if path.is_file() and path.read_text(encoding="ascii").strip() == origin:
        path.unlink(missing_ok=True)


def place(config: Config) -> tuple[str, str]:
    """Origin and domain of the pages, as `contracts.siwe.origin_of` spells them.

    Raises:
        MallError: wallet.no_page when no console runs and the operator has set no public_url.
    """
    try:
        return origin_of(config.public_url or _path(config).read_text(encoding="ascii").strip())
    except (OSError, ValueError, ChainError) as error:
        raise MallError(
            "wallet.no_page",
            "This host shows no pages for wallets now. Tell its operator to start the console.",
        ) from error


def _path(config: Config) -> Path:
    return config.data / FILE
