"""The `mall` command."""

from __future__ import annotations

import os
import sys

import click

from host.cli import care, chain, creation, money, preview, proof, running, sandboxing, story


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mall-live")
def cli() -> None:
    """mall.live: a city-mall that many people share.

    Players walk, play and earn LIVE; creators publish; moderators enable; operators run it.
    """


for module in (running, story, preview, creation, money, chain, sandboxing, proof, care):
    module.add_to(cli)


def main() -> None:
    """Entry point of the command: the host's verbs and those of plugins; each verb reads the settings itself."""
    from host.cli.frame import fail
    from host.config import Config, default_data
    from host.errors import MallError
    from host.plugins import Plugins

    try:
        plugins = Plugins(Config(data=default_data(os.environ)))
        plugins.discover()
    except MallError as error:
        fail(error, "--json" in sys.argv)
    plugins.ask("mall_commands", cli=cli)
    cli()
