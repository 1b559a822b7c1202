"""`mall doctor`: what this machine has, what is missing, and how to get it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import Iterator
from typing import Any

from host import control
from host.config import Config
from host.errors import MallError
from sandbox.jail import MEANINGS

MIN_FREE = 1 << 30


def examine(config: Config) -> dict[str, Any]:
    """Look at everything a host needs. Each finding says `ok`, `note` or `missing`."""
    found = [f"{level:<8}{what}" for level, what in _findings(config)]
    missing = sum(line.startswith("missing") for line in found)
    return {
        "checks": found,
        "missing": missing,
        "verdict": "ready" if not missing else f"{missing} missing: see above",
    }


def _findings(config: Config) -> Iterator[tuple[str, str]]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield ("ok" if sys.version_info >= (3, 11) else "missing", f"Python {version} (3.11 or newer is needed)")
    yield (
        "ok" if sys.platform == "linux" else "note",
        f"system {sys.platform}: the jail is whole on Linux only",
    )
    yield _data(config)
    yield from _ports(config)
    yield _engine()
    yield _pictures()
    yield from _jail()


def _data(config: Config) -> tuple[str, str]:
    folder = config.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"data folder {config.data}: {free // (1 << 20):,} MiB free"
    return (
        ("ok", text)
        if free >= MIN_FREE
        else ("missing", f"{text}; make room for 1 GiB or name another with --data")
    )


def _ports(config: Config) -> Iterator[tuple[str, str]]:
    if control.is_running(config.control_socket):
        yield "ok", "a host is running on this data folder"
        return
    for name, address, port in (
        ("game", config.listen, config.port),
        ("console", config.console_listen, config.console_port),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                yield (
                    "missing",
                    f"{name} port {port} at {address}: {error.strerror}; stop what uses it or set another",
                )
            else:
                yield "ok", f"{name} port {port} at {address} is free"


def _engine() -> tuple[str, str]:
    from host.godot.engine import require

    try:
        engine = require()
    except MallError as error:
        return "missing", f"Godot engine: {error.message}"
    return "ok", f"Godot engine {engine.version} at {engine.path}"


def _pictures() -> tuple[str, str]:
    from host.godot.display import has_display
    from host.godot.engine import find

    if has_display():
        return "ok", "a display is there: `mall play` opens the client"
    engine = find()
    if shutil.which("Xvfb") or (engine is not None and engine.tree is not None):
        return "note", "no display: `mall play` serves; pictures are drawn under Xvfb"
    return "note", "no display and no Xvfb: clients run headless (apt install xvfb for pictures)"


def _jail() -> Iterator[tuple[str, str]]:
    """Each step of the jail as a worker that was just started reports it, and what a refused one means."""
    for step, said in asyncio.run(_jail_report()).items():
        level = "ok"
        if said.startswith("refused"):
            level = "missing" if sys.platform == "linux" else "note"
        elif said.startswith("unavailable"):
            level = "note"
        meaning = "" if level == "ok" else f"; so {MEANINGS.get(step, 'the jail is weaker')}"
        yield level, f"jail of Lua workers, {step}: {said}{meaning}"


async def _jail_report() -> dict[str, str]:
    from sandbox.errors import SandboxError
    from sandbox.supervisor import Supervisor

    supervisor = Supervisor(on_outbox=lambda _: None, on_fault=lambda _: None)
    try:
        await supervisor.start()
        return dict(supervisor.jail_report())
    except SandboxError as error:
        return {"worker": f"refused: {error}"}
    finally:
        await supervisor.stop()
