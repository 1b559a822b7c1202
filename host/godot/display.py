"""Displays to draw on: the user's own, or a virtual one for pictures without a screen."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from host.errors import MallError
from host.godot.engine import Engine
from host.godot.tree import XVFB

_START_TIMEOUT_S = 30.0
_END_TIMEOUT_S = 5.0


def has_display(environ: Mapping[str, str] = os.environ) -> bool:
    """True when a window can be opened. macOS and Windows sessions have a display of their own."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def virtual_display(engine: Engine, width: int = 1280, height: int = 720) -> Iterator[str]:
    """Runs Xvfb on a free display number and ends it afterwards; gives the DISPLAY value, such as `:3`.

    The system's Xvfb is preferred, else the one in the engine's tree. Sizes are in pixels.

    Raises:
        MallError: `engine.no_display` when there is no Xvfb or it does not start.
    """
    command, env, folder = _xvfb(engine)
    ready_r, ready_w = os.pipe()
    # -displayfd takes a free number and reports it only when the server accepts clients.
    arguments = ["-displayfd", str(ready_w), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    with os.fdopen(ready_r, "rb", buffering=0) as ready:
        try:
            server = subprocess.Popen(  # noqa: S603 - the program was found by us
                [*command, *arguments],
                env={**os.environ, **env},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(ready_w,),
                start_new_session=True,
            )
        finally:
            os.close(ready_w)
        try:
            yield f":{_display_number(ready.fileno())}"
        finally:
            server.terminate()
            try:
                server.wait(_END_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _xvfb(engine: Engine) -> tuple[list[str], Mapping[str, str], Path | None]:
    system = shutil.which("Xvfb")
    if system:
        return [system], {}, None
    if engine.tree is not None and (engine.tree / XVFB).is_file():
        loader = engine.command[:-1]
        keymaps = str(engine.tree / "usr/share/X11/xkb")
        return [*loader, str(engine.tree / XVFB), "-xkbdir", keymaps], engine.env, engine.tree
    raise MallError(
        "engine.no_display",
        "There is no display and no Xvfb to make a virtual one. Install the package `xvfb`, or start this in a "
        "desktop session.",
    )


def _display_number(ready: int) -> int:
    """Waits for the line that Xvfb writes when it is ready; the end of the pipe means that it died."""
    text, deadline = b"", time.monotonic() + _START_TIMEOUT_S
    while not text.endswith(b"\n"):
        left = deadline - time.monotonic()
        block = os.read(ready, 64) if left > 0 and select.select([ready], [], [], left)[0] else b""
        if not block:
            raise MallError(
                "engine.no_display",
                "Xvfb did not start. Run it by hand to see why, or install the system's package `xvfb`.",
                timeout_s=_START_TIMEOUT_S,
            )
        text += block
    return int(text)
