"""Checks that Lua source compiles. Nothing is run."""

from __future__ import annotations

from lupa import lua55

MEMORY = 64 << 20
CHUNK = b"chunk"


def syntax_error(source: bytes, _name: str) -> str | None:
    """What the compiler says about `source` (`line: reason`), or None when it compiles. Bytecode is refused."""
    runtime = lua55.LuaRuntime(
        register_eval=False,
        register_builtins=False,
        encoding=None,
        max_memory=MEMORY,
        unpack_returned_tuples=True,
    )
    load = runtime.globals()[b"load"]
    try:
        compiled = load(source, b"@" + CHUNK, b"t")
    except lua55.LuaError as error:  # memory ran out while compiling
        return f"1: {error}"
    if not isinstance(compiled, tuple):
        return None
    said = bytes(compiled[1] or b"").partition(b"\n")[0].removeprefix(CHUNK + b":")
    return said.decode("utf-8", "replace")[:500]
