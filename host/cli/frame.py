"""What all verbs share: the settings options, `--json`, examples in the help, errors with an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from host import control
from host.config import Config, load
from host.errors import MallError

out = Console(highlight=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
EXIT_REFUSED = 1
LONG = 100
"""Characters of a line above which the parts of an answer stand below each other."""


class Verb(click.Command):
    """A command whose help ends with examples and whose refusals are one clear line (or JSON)."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples
        self.params += [
            click.Option(["--data"], type=click.Path(path_type=Path), help="Data folder of the host."),
            click.Option(["--config", "config_file"], type=click.Path(path_type=Path), help="Settings file."),
            click.Option(["--json", "as_json"], is_flag=True, help="Answer as one JSON object."),
        ]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write_text(example)

    def invoke(self, ctx: click.Context) -> Any:
        as_json = bool(ctx.params.pop("as_json"))
        data, file = ctx.params.pop("data"), ctx.params.pop("config_file")
        ctx.obj = as_json
        try:
            flags = {"data": data} if data is not None else {}
            ctx.params["config"] = load(file, {**flags, **_taken(ctx.params)})
            result = super().invoke(ctx)
        except MallError as error:
            fail(error, as_json)
        if result is not None:
            show(result, as_json)
        return result


def _taken(params: dict[str, Any]) -> dict[str, Any]:
    """Options of a verb that are settings too: `--set-port` arrives as set_port."""
    return {key.removeprefix("set_"): params.pop(key) for key in list(params) if key.startswith("set_")}


def show(result: Mapping[str, Any], as_json: bool) -> None:
    """Print an answer: one JSON object, or lines of `name  value`."""
    if as_json:
        click.echo(json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False))
        return
    width = max((len(key) for key in result), default=0)
    for key, value in result.items():
        for number, line in enumerate(_lines(value)):
            out.print(f"[dim]{key if number == 0 else '':<{width}}[/]  ", end="")
            out.print(line, markup=False)


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_line(item) for item in value] or ["none"]
    if isinstance(value, dict) and len(_line(value)) > LONG:
        return [f"{key} {item}" for key, item in value.items()]
    return [_line(value)]


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{k} {v}" for k, v in value.items() if v not in ("", None, []))
    return str(value)


def fail(error: MallError, as_json: bool) -> None:
    """Print a refusal and end with exit code 1."""
    if as_json:
        click.echo(json.dumps({"error": error.as_dict()}, indent=2, sort_keys=True, ensure_ascii=False))
    else:
        err.print("[bold red]✗[/] ", end="")
        err.print(error.message, markup=False)
        err.print(f"  {error.code}", style="dim", markup=False)
    sys.exit(EXIT_REFUSED)


def ask_host(config: Config, verb: str, **arguments: Any) -> Any:
    """Run a command in the running host, or on the data folder when no host runs."""
    if control.is_running(config.control_socket):
        return control.request(config.control_socket, verb, **arguments)
    from host.kernel import open_kernel

    with open_kernel(config) as kernel:
        return kernel.commands.run(verb, arguments)


def verb(group: click.Group, name: str, *examples: str) -> Callable[[Callable[..., Any]], Verb]:
    """Declare a verb of `group`; the function gets `config` and its own options, and returns what is shown."""

    def declare(function: Callable[..., Any]) -> Verb:
        made = click.command(name, cls=Verb, examples=examples)(function)
        group.add_command(made)
        return made

    return declare
