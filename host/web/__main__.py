"""`python -m host.web`: the console by itself, beside a host or without one."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import click

from host.config import load
from host.errors import MallError
from host.web.server import serve

EXIT_REFUSED = 1


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path), help="Data folder of the host.")
@click.option("--config", "file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--listen", help="Address to listen at; 127.0.0.1 by default.")
@click.option("--port", type=int, help="Port to listen at; 7778 by default, 0 for any free one.")
@click.option("--child", is_flag=True, help="Stop when standard input ends; refuse in JSON. For `mall play`.")
def main(data: Path | None, file: Path | None, listen: str | None, port: int | None, child: bool) -> None:
    """Serve the web console of a data folder and print its link."""
    logging.basicConfig(format="console: %(message)s", level=logging.WARNING)
    try:
        config = load(file, {"data": data, "console_listen": listen, "console_port": port})
        serve(config, until_stdin_ends=child)
    except MallError as error:
        click.echo(json.dumps(error.as_dict()) if child else str(error), err=not child)
        sys.exit(EXIT_REFUSED)


main()
