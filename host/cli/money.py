"""Verbs about money: balance."""

from __future__ import annotations

from typing import Any

import click

from host.cli.frame import ask_host, verb
from host.config import Config


def add_to(cli: click.Group) -> None:
    """Declare the verbs."""

    @verb(
        cli,
        "balance",
        "mall balance",
        "mall balance 'Guest 4711'",
        "mall balance 0x52908400098527886E0F7030069857D2E4169EE7",
    )
    @click.argument("who", required=False)
    def balance(config: Config, who: str | None) -> dict[str, Any]:
        """LIVE of a player (name or number) or an address, read from the chain; without WHO of the latest winners."""
        answer: dict[str, Any] = ask_host(config, "balance", who=who or "")
        return answer
