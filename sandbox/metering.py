"""Meters source text once for all states of a process, by `lua/meter.lua`."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lupa import lua55

SOURCE = Path(__file__).parent / "lua" / "meter.lua"
MEMORY = 256 << 20
KEPT = 64
"""Files that are kept metered: those of all packages that a worker runs, as a rule."""
_SETUP = b"""
local load, K = load, {}
load(..., "=meter", "t")(K)
return function(source, name, ours)
  local chunk, problem = load(source, "@" .. name, "t")
  if not chunk then
    return nil, problem
  end
  local text, why = K.metered(source, ours)
  return text, why and name .. ":" .. why
end
"""


@cache
def _meter() -> Any:
    runtime = lua55.LuaRuntime(
        register_eval=False,
        register_builtins=False,
        encoding=None,
        max_memory=MEMORY,
        unpack_returned_tuples=True,
    )
    return runtime.execute(_SETUP, SOURCE.read_bytes())


@lru_cache(KEPT)
def metered(path: str, source: bytes) -> tuple[bytes | None, bytes | None]:
    """The metered text of a creator's file, or None and `path:line: why` when it does not compile or may not be run."""
    try:
        text, problem = _meter()(source, path.encode(), None)
    except lua55.LuaError as error:  # memory ran out
        return None, f"{path}:1: {error}".encode()
    return text, problem


@cache
def metered_ours(source: bytes, what: str) -> bytes:
    """A file of ours with checks in "all" functions and loops, or in "loops" alone."""
    text, problem = _meter()(source, b"ours", what.encode())
    if problem:
        raise ValueError(problem.decode())
    return bytes(text)
