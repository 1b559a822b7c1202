"""Verbs of operators: play, status, doctor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import uvloop
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from host import control
from host.cli.frame import ask_host, err, out, show, verb
from host.config import Config
from host.errors import MallError
from sandbox import jail

if TYPE_CHECKING:
    from host.godot.engine import Engine
    from host.serve import Host

log = logging.getLogger(__name__)
EXIT_MISSING = 1
PROJECT = Path(__file__).parent.parent.parent / "godot_project"


def add_to(cli: click.Group) -> None:
    """Declare the verbs."""

    @verb(
        cli,
        "play",
        "mall play",
        "mall play --headless --port 7000",
        "mall play --join ws://192.168.1.20:7777/",
    )
    @click.option("--headless", is_flag=True, help="Serve without opening a client.")
    @click.option("--join", metavar="URL", help="Open a client for a host elsewhere; start none here.")
    @click.option("--port", "set_port", type=int, help="Port of the game socket.")
    @click.option("--console-port", "set_console_port", type=int, help="Port of the web console.")
    def play(config: Config, headless: bool, join: str | None) -> None:
        """Bring the mall up, and open the client where there is a display."""
        logging.basicConfig(level=config.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
        if join is not None:
            _open_client(ready_engine(), join).wait()
            return
        from host.godot.display import has_display

        windowed = has_display() and not headless
        engine = None if headless else ready_engine()
        uvloop.run(_serve(config, engine if windowed else None))

    @verb(cli, "status", "mall status", "mall status --json")
    def status(config: Config) -> dict[str, Any]:
        """Say where the host stands: players, games, ticks, chain, settlement."""
        answer: dict[str, Any] = ask_host(config, "status")
        return {"running": control.is_running(config.control_socket), **answer}

    @verb(cli, "doctor", "mall doctor")
    def doctor(config: Config) -> None:
        """Say what is missing on this machine, and how to get it. Exit code 1 when something is."""
        from host.doctor import examine

        found = examine(config)
        show(found, click.get_current_context().obj)
        if found["missing"]:
            sys.exit(EXIT_MISSING)


def ready_engine() -> Engine:
    """The Godot engine: found, or installed with a progress bar."""
    from host.godot.engine import find
    from host.godot.install import install

    found = find()
    if found is not None:
        return found
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as bars:
        task = bars.add_task("Installing the Godot engine", total=1.0)
        return install(
            lambda step, done: bars.update(task, description=f"Godot engine: {step}", completed=done)
        )


async def _serve(config: Config, engine: Engine | None) -> None:
    from host.serve import serve
    from host.web.process import start_console

    with contextlib.ExitStack() as stack:
        status = stack.enter_context(err.status("Starting"))

        async def ready(host: Host) -> None:
            console, _ = await asyncio.gather(
                asyncio.to_thread(start_console, config), _open_first_game(config, status.update)
            )
            stack.callback(console.stop)
            status.stop()
            _announce(host, console.url)
            if engine is not None:
                client = await asyncio.to_thread(_open_client, engine, host.url)
                stack.callback(end_client, client)

        await serve(config, ready, lambda step: status.update(step))
    out.print("The mall is closed. Everything is kept in its data folder.")


async def _open_first_game(config: Config, progress: Callable[[str], None]) -> None:
    """Give the first district a game, once: Coin Rush where it is installed and nothing stands yet."""
    from host.story import open_first_game

    try:
        await asyncio.to_thread(open_first_game, config, progress)
    except MallError as error:
        log.warning("the first game could not be opened, the city stays as it is: %s", error)


def _announce(host: Host, console: str) -> None:
    config = host.kernel.config
    for weakness in jail.weaknesses(host.supervisor.jail_report()):
        out.print("[bold red]The jail of Lua workers is not whole.[/] ", end="")
        out.print(f"{weakness} See `mall doctor`.", markup=False)
    out.print(f"[bold green]{config.name} is open.[/]  Ctrl-C closes it.")
    out.print(f"  players here        make play ARGS='--join {host.url}'", highlight=False)
    for address in _addresses():
        out.print(f"  from other machines make play ARGS='--join ws://{address}:{host.port}/'")
    out.print(f"  console             {console}")
    out.print(f"  data folder         {config.data}", markup=False)


def _addresses() -> list[str]:
    """This machine's address as others may reach it: what a datagram to elsewhere would bear. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737
        return [str(probe.getsockname()[0])]
    return []


def _open_client(engine: Engine, url: str) -> subprocess.Popen[bytes]:
    from host.godot.launch import start_client
    from host.godot.project import prepare

    return start_client(engine, prepare(engine, PROJECT), ["--server", url])


def end_client(client: subprocess.Popen[bytes]) -> None:
    client.terminate()
    try:
        client.wait(5)
    except subprocess.TimeoutExpired:
        client.kill()
        client.wait()
