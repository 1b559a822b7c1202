"""Verbs of creators at their own desk: new, stubs, run, prof."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import uvloop

from host.cli.frame import out, verb
from host.config import Config
from host.errors import MallError

if TYPE_CHECKING:
    from host.godot.engine import Engine

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

    @verb(
        cli,
        "run",
        "mall run my-game",
        "mall run my-game --players 2",
        "mall run my-game --headless --port 7900",
    )
    @click.argument("folder", type=FOLDER, default=Path())
    @click.option(
        "--players", type=click.IntRange(1, 8), default=1, show_default=True, help="Clients to open."
    )
    @click.option("--headless", is_flag=True, help="Serve without opening a client.")
    @click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=0,
        help="Port of the game socket; any free one without.",
    )
    @click.option(
        "--seed", type=click.IntRange(0, 1 << 53), help="Of every run; drawn anew for each without."
    )
    def run(config: Config, folder: Path, players: int, headless: bool, port: int, seed: int | None) -> None:
        """Play a package in a city of your own: what you save is live within a second."""
        from host.preview.session import data_folder

        if not (folder / "package.toml").is_file():
            raise MallError(
                "package.unreadable", f"{folder} has no package.toml: give the folder of a package."
            )
        ours = replace(config, data=data_folder(folder), listen="127.0.0.1", port=port)
        logging.basicConfig(level="WARNING", format="%(levelname)s %(name)s: %(message)s")
        logging.getLogger("host.gateway.ticker").setLevel("ERROR")  # a busy desk is no fault of the game
        uvloop.run(_run(ours, folder, 0 if headless else players, seed))
        out.print("The preview is closed. Nothing of it was published.")

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


async def _run(config: Config, folder: Path, players: int, seed: int | None) -> None:
    """The preview with its clients, until Ctrl-C."""
    from host.cli.running import PROJECT, end_client, ready_engine
    from host.godot.display import has_display
    from host.godot.project import prepare
    from host.preview.session import previewing, until_ended
    from host.preview.words import Words

    ended = asyncio.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, ended.set)
    words = Words(out)
    words.note(
        "opening a city of your own"
        + (", which takes a moment the first time" if not config.data.exists() else "")
    )
    async with contextlib.AsyncExitStack() as stack:
        host, preview = await stack.enter_async_context(previewing(config, folder, words, seed))
        words.good(f"open at {host.url}; Ctrl-C closes it")
        if players and has_display():
            engine = await asyncio.to_thread(ready_engine)
            project = await asyncio.to_thread(prepare, engine, PROJECT)
            for number in range(1, players + 1):
                client = await asyncio.to_thread(_open_client, engine, project, host.url, config.data, number)
                stack.callback(end_client, client)
        else:
            words.note(f"no client here; to join: make play ARGS='--join {host.url}'")
        await until_ended(preview, ended)


def _open_client(engine: Engine, project: Path, url: str, data: Path, number: int) -> subprocess.Popen[bytes]:
    """The client of player `number`: an account and a log of its own, in the preview's data folder."""
    from host.godot.launch import client_command, client_env

    home = data / f"player-{number}"
    home.mkdir(exist_ok=True)
    command = client_command(engine, project, ["--server", url, "--name", f"Player {number}"], headless=False)
    env = client_env(engine, None, {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)})
    with (home / "client.log").open("wb") as lines:
        return subprocess.Popen(  # noqa: S603 - the engine that the user chose
            command, env=env, stdin=subprocess.DEVNULL, stdout=lines, stderr=lines
        )
