"""Makes packages for tests: a sound one, changed where a test asks for it."""

from __future__ import annotations

import hashlib
from typing import Any

from lupa.lua55 import LuaRuntime, LuaSyntaxError

from contracts.keys import PrivateKey, derive_key
from host.packages import archive, signature

KEYS = {name: derive_key(b"m" * 32, name) for name in ("ada", "bob", "eve")}

GAME = """
-- mall.net is only named in this comment
local peg = mall.world.spawn { id = "peg", at = { 7.5, 0, 11 } }
local game = mall.match.define { min = 1, max = 8, seconds = mall.settings.round_seconds }
game:on("finish", function(m, ranking)
  mall.rewards.claim { player = ranking[1].player, pool = "daily", amount = 1, match = m }
end)
"""
MANIFEST = """
id = "{id}"
version = "{version}"
notes = "First version."
api = 1
kind = "game"
title = "Ring toss"
summary = "Throw rings."
license = "Apache-2.0"
authors = ["Ada"]
modes = ["play"]
ai = "none"
{top}
[age]
rating = "everyone"
answers_version = 1
[footprint]
cells = {cells}
height = 20
players = {{ min = 1, max = 8 }}
[capabilities]
required = {required}
optional = {optional}
[capabilities.why]
{why}
[settings.round_seconds]
type = "integer"
default = 60
label = "Seconds of a round"
min = 10
max = 600
{more}
"""
POOL = """
[pools.daily]
per_claim = 3
per_player_day = "10.5"
total = 1000
cooldown = 30
min_presence = 20
"""


def lua_check(source: bytes, name: str) -> str | None:
    runtime = LuaRuntime(encoding="latin-1")
    try:
        runtime.compile(source.decode("latin-1"), name=name)
    except LuaSyntaxError as error:
        return str(error)
    return None


def files(
    *,
    id: str = "ada/ring-toss",
    version: str = "1.0.0",
    cells: list[int] | None = None,
    required: list[str] | None = None,
    optional: list[str] | None = None,
    pool: str = POOL,
    top: str = "",
    more: str = "",
    lua: str = GAME,
    extra: dict[str, bytes] | None = None,
) -> dict[str, bytes]:
    must = ["world.build", "match", "reward.claim"] if required is None else required
    may = optional or []
    why = "\n".join(f'"{name}" = "It is needed."' for name in (*must, *may))
    text = MANIFEST.format(
        id=id,
        version=version,
        cells=cells or [1, 1],
        required=must,
        optional=may,
        why=why,
        top=top,
        more=pool + more,
    )
    return {
        "package.toml": text.encode(),
        "init.lua": lua.encode(),
        "README.md": b"# Ring toss\n",
        "LICENSE": b"Apache-2.0\n",
        **(extra or {}),
    }


def signed(key: PrivateKey = KEYS["ada"], **changes: Any) -> bytes:
    return archive.pack(signature.sign(archive.open_package(files(**changes)), key))


def asset(path: str, data: bytes, kind: str = "image") -> str:
    return (
        f'[[assets]]\npath = "{path}"\nkind = "{kind}"\nbytes = {len(data)}\n'
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"\nlicense = "CC0-1.0"\n'
    )
