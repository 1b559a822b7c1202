"""Verbs of creators, moderators and landholders: check, test, publish, approve, enable."""

from __future__ import annotations

import base64
from functools import partial
from pathlib import Path
from typing import Any

import click

from host.cli.frame import ask_host, verb
from host.config import Config
from host.errors import MallError
from host.keyfile import load_key
from host.story import signed_consent

FOLDER = click.Path(path_type=Path, exists=False)


def add_to(cli: click.Group) -> None:
    """Declare the verbs."""

    @verb(cli, "check", "mall check my-game", "mall check builtin_games/coin_rush --json")
    @click.argument("folder", type=FOLDER)
    def check(config: Config, folder: Path) -> dict[str, Any]:
        """Run the host's scan on a package folder, without publishing it."""
        from host.creation import check_folder

        return check_folder(config, folder)

    @verb(cli, "test", "mall test my-game")
    @click.argument("folder", type=FOLDER)
    def test(config: Config, folder: Path) -> dict[str, Any]:
        """Run a package's own Lua tests with made-up players and a made-up clock."""
        from host.creation import test_folder

        return test_folder(folder)

    @verb(cli, "publish", "mall publish my-game", "mall publish my-game --key creator.key")
    @click.argument("folder", type=FOLDER)
    @click.option("--key", type=click.Path(path_type=Path), help="The creator's key file; made when missing.")
    def publish(config: Config, folder: Path, key: Path | None) -> dict[str, Any]:
        """Pack, sign and submit a package. The host scans it and shows all findings at once."""
        from host.creation import signed_archive

        archive = signed_archive(folder, load_key(key or config.data / "creator.key"))
        answer: dict[str, Any] = ask_host(config, "publish", archive=base64.b64encode(archive).decode())
        return answer

    @verb(cli, "approve", "mall approve 3")
    @click.argument("release", type=int)
    def approve(config: Config, release: int) -> dict[str, Any]:
        """Approve a scanned release, as the host's moderator."""
        answer: dict[str, Any] = ask_host(config, "approve", release=release)
        return answer

    @verb(
        cli,
        "enable",
        "mall enable 3 --tierra 5 --fund daily=100",
        "mall enable 3 --tierra 5 --key landholder.key",
    )
    @click.argument("release", type=int)
    @click.option("--tierra", type=int, required=True, help="Number of the Tierra to put it on.")
    @click.option(
        "--key", type=click.Path(path_type=Path), help="Key file of the holder; the operator's land without."
    )
    @click.option(
        "--fund", multiple=True, metavar="POOL=LIVE", help="LIVE to put into a reward pool on the chain."
    )
    @click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the creation.")
    def enable(
        config: Config,
        release: int,
        tierra: int,
        key: Path | None,
        fund: tuple[str, ...],
        settings: tuple[str, ...],
    ) -> dict[str, Any]:
        """Place an approved release on held land, fund its pools and enable it, as holder and moderator."""
        asked = {"release": release, "tierra": tierra, "settings": pairs(settings, "--set")}
        consent = signed_consent(partial(ask_host, config), load_key(key), asked) if key is not None else {}
        answer: dict[str, Any] = ask_host(config, "enable", **asked, fund=pairs(fund, "--fund"), **consent)
        return answer


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """`name=value` options as a dictionary."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise MallError("cli.bad_option", f"{option} takes NAME=VALUE, not {text!r}.", option=option)
        found[name] = value
    return found
