"""Verbs of creators at their own desk: new, stubs, run, prof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from host.cli.frame import out, verb
from host.config import Config
from host.errors import MallError

FOLDER = click.Path(path_type=Path, exists=False)


def add_to(cli: click.Group) -> None:
    """Declare the verbs."""

    @verb(cli, "new", "mall new game ring-toss", "mall new shop corner-shop --in shops --author ada")
    @click.argument("kind", type=click.Choice(["game", "zone", "shop"]))
    @click.argument("name")
    @click.option(
        "--in", "parent", type=FOLDER, default=Path(), show_default="here", help="Folder to make it in."
    )
    @click.option("--author", help="First half of the package's id; your login name without.")
    def new(config: Config, kind: str, name: str, parent: Path, author: str | None) -> dict[str, Any]:
        """Make a folder with a small package that works, its tests, and completion for your editor."""
        from host.preview.scaffold import make_package

        return make_package(kind, name, parent, author)

    @verb(cli, "stubs", "mall stubs my-game")
    @click.argument("folder", type=FOLDER, default=Path())
    def stubs(config: Config, folder: Path) -> dict[str, Any]:
        """Write .luarc.json and annotations, so that an editor completes and checks every call."""
        from host.preview.scaffold import write_stubs

        return write_stubs(folder)

    @verb(cli, "prof", "mall prof my-game", "mall prof my-game --seconds 120 --players 16 --json")
    @click.argument("folder", type=FOLDER, default=Path())
    @click.option("--seconds", type=click.FloatRange(1, 3600), default=30.0, show_default=True)
    @click.option(
        "--players", type=click.IntRange(1, 64), default=8, show_default=True, help="Bots that play."
    )
    @click.option("--seed", type=click.IntRange(0, 1 << 53), default=1, show_default=True)
    @click.pass_obj
    def prof(
        as_json: bool, config: Config, folder: Path, seconds: float, players: int, seed: int
    ) -> dict[str, Any] | None:
        """Let bots play a package in the sandbox, and say what each of its handlers uses."""
        from host.creation import open_folder
        from host.preview import report
        from sandbox.errors import SandboxError
        from sandbox.prof import profile

        files = open_folder(folder).files
        try:
            found = profile(folder, seconds=seconds, players=players, seed=seed)
        except SandboxError as error:
            raise MallError(error.code, error.message, **error.facts) from error
        if as_json:
            return report.as_data(found)
        source = {path: data.decode("utf-8", "replace").splitlines() for path, data in files.items()}
        report.show(found, out, source)
        return None
