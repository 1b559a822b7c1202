"""Verbs for what went wrong: notices, logs, resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from contracts.keys import sign_message
from host.cli.frame import ask_host, verb
from host.config import Config
from host.keyfile import load_key


def add_to(cli: click.Group) -> None:
    """Declare the verbs."""

    @verb(cli, "notices", "mall notices", "mall notices --for 0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF")
    @click.option("--for", "address", default="", metavar="ADDRESS", help="Only those to this wallet.")
    def notices(config: Config, address: str) -> dict[str, Any]:
        """Show what the host told holders and authors, as why a placement was paused."""
        answer: dict[str, Any] = ask_host(config, "notices", address=address)
        return answer

    @verb(cli, "logs", "mall logs 7", "mall logs 7 --json")
    @click.argument("placement", type=int)
    def logs(config: Config, placement: int) -> dict[str, Any]:
        """Show the last faults of a placement: when, how often, where, which limit, how much was used."""
        answer: dict[str, Any] = ask_host(config, "logs", placement=placement)
        return answer

    @verb(cli, "resume", "mall resume 7", "mall resume 7 --key landholder.key")
    @click.argument("placement", type=int)
    @click.option(
        "--key", type=click.Path(path_type=Path), help="Key file of the holder; the operator's land without."
    )
    def resume(config: Config, placement: int, key: Path | None) -> dict[str, Any]:
        """Let a paused placement run again, as its holder."""
        consent: dict[str, Any] = {}
        if key is not None:
            holder = load_key(key)
            asked = ask_host(config, "resume_consent", placement=placement, holder=holder.address)
            signature = sign_message(holder, str(asked["text"]).encode())
            consent = {
                "holder": holder.address,
                "until": asked["until"],
                "signature": "0x" + signature.hex(),
            }
        answer: dict[str, Any] = ask_host(config, "resume", placement=placement, **consent)
        return answer
