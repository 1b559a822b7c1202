"""Checks that Lua source compiles. Nothing is run."""

from __future__ import annotations

from lupa import lua55

MEMORY = 64 << 20


def syntax_error(source: bytes, name: str) -> str | None:
    """What the compiler says about `source` (`name:line: reason`), or None when it compiles. Bytecode is refused."""
    runtime = lua55.LuaRuntime(
        register_eval=False,
        register_builtins=False,
        encoding=None,
        max_memory=MEMORY,
        unpack_returned_tuples=True,
    )
    load = runtime.globals()[b"load"]
    try:
        compiled = load(source, b"@" + name.encode("utf-8", "replace")[:200], b"t")
    except lua55.LuaError as error:  # memory ran out while compiling
        return f"{name}:1: {error}"
    if isinstance(compiled, tuple):
        return bytes(compiled[1] or b"").decode("utf-8", "replace").partition("\n")[0][:500]
    return None
