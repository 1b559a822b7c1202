"""Running hosts for tests: the real one, in the test's own loop, on free ports."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts.keys import derive_key
from host.config import Config
from host.creation import signed_archive
from host.kernel import Kernel, open_kernel
from host.serve import Host
from host.story import nearest_plot

AUTHOR = derive_key(b"t" * 32, "author")
MANIFEST = """
id = "{id}"
version = "{version}"
notes = "For a test."
api = 1
kind = "game"
title = "Test game"
summary = "A game for a test."
license = "Apache-2.0"
authors = ["Ada"]
modes = ["play"]
ai = "none"
languages = ["en"]
[age]
rating = "everyone"
answers_version = 1
[footprint]
cells = [1, 1]
height = 20
players = {{ min = 1, max = 8 }}
[capabilities]
required = {required}
[capabilities.why]
{why}
{more}
"""
POOL = """
[pools.daily]
per_claim = 5
per_player_day = 8
total = 1000
cooldown = 0
min_presence = 0
"""


def config(data: Path, **settings: Any) -> Config:
    """Settings for a host on free ports of the loopback, quick to settle and to fall asleep."""
    made = Config(data=data, listen="127.0.0.1", port=0, console_port=0, epoch_seconds=0.2, idle_seconds=0.5)
    return replace(made, **settings)


def write_package(
    folder: Path, lua: str, required: tuple[str, ...] = ("world.build",), *, more: str = "",
    id: str = "ada/test", version: str = "1.0.0", files: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """A package folder with this `init.lua`."""
    folder.mkdir(parents=True, exist_ok=True)
    why = "\n".join(f'"{name}" = "for the test"' for name in required)
    asked = "[" + ", ".join(f'"{name}"' for name in required) + "]"
    (folder / "package.toml").write_text(
        MANIFEST.format(id=id, version=version, required=asked, why=why, more=more)
    )
    for name, text in {"init.lua": lua, **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def enable(
    kernel: Kernel, folder: Path, tierra: int | None = None, fund: Mapping[str, str] | None = None
) -> int:
    """Publish, approve and enable a package on the treasury's land; the placement's number."""
    archive = base64.b64encode(signed_archive(folder, AUTHOR)).decode()
    release = kernel.commands.run("publish", {"archive": archive})["release"]
    kernel.commands.run("approve", {"release": release})
    found = kernel.commands.run(
        "enable",
        {"release": release, "tierra": nearest_plot(1, 1) if tierra is None else tierra, "settings": {},
         "fund": dict(fund or {})},
    )  # fmt: skip
    return int(found["placement"])


@asynccontextmanager
async def hosting(data: Path, **settings: Any) -> AsyncIterator[Host]:
    """A host in service on this data folder."""
    with open_kernel(config(data, **settings)) as kernel:
        host = Host(kernel)
        await host.start()
        try:
            yield host
        finally:
            await host.stop()
