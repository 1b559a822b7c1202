"""Checks that Lua source may run, as far as that can be told without running it."""

from __future__ import annotations

from sandbox.metering import metered

CHUNK = "chunk"


def syntax_error(source: bytes, _name: str) -> str | None:
    """What a state would say when it compiles `source` (`line: reason`), or None when it does. Bytecode is refused."""
    _, problem = metered(CHUNK, source)
    if problem is None:
        return None
    said = problem.partition(b"\n")[0].removeprefix(CHUNK.encode() + b":")
    return said.decode("utf-8", "replace")[:500]
