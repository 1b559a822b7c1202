"""The sandbox with one guard taken out: its Lua as an image, its Python as a module, its jail in a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

import sandbox
from sandbox import metering, runtime

SANDBOX = Path(sandbox.__file__).parent
INMATES = Path(__file__).parent / "inmates.py"
_IMAGES: list[bytes] = []
"""States share the buffer of their image, so none of these may go before its states do."""
_JAILED = """
import sys
from pathlib import Path
from sandbox import jail
exec(compile(Path(sys.argv[1]).read_text(), jail.__file__, "exec"), jail.__dict__)
exec(compile(Path(sys.argv[2]).read_text(), sys.argv[2], "exec"))
"""


def source(file: str) -> str:
    """A source of the sandbox by its path there."""
    return (SANDBOX / file).read_text(encoding="utf-8")


def changed(text: str, old: str, new: str) -> str:
    """`text` with one change. Raises ValueError unless `old` stands there exactly once."""
    if text.count(old) != 1:
        raise ValueError(
            f"the source holds {text.count(old)} times {old!r}; a guard and its mutation must go together"
        )
    return text.replace(old, new)


@contextmanager
def lua_without(*changes: tuple[str, str, str]) -> Iterator[None]:
    """States made meanwhile run Lua sources with these changes: (file, old, new)."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path in runtime.HERE.glob("*.lua"):
            (folder / path.name).write_bytes(path.read_bytes())
        for file, old, new in changes:
            text = (folder / file).read_text(encoding="utf-8")
            (folder / file).write_text(changed(text, old, new), encoding="utf-8")
        with patch.object(runtime, "HERE", folder):
            image = runtime.image.__wrapped__("game")
        _IMAGES.append(image)
        with (
            patch.object(metering, "SOURCE", folder / "meter.lua"),
            patch.object(runtime, "image", lambda kind: image),
        ):
            _forget()
            yield
    _forget()


def _forget() -> None:
    """What was metered, and by what."""
    metering._meter.cache_clear()
    metering.metered.cache_clear()


def python_without(file: str, *changes: tuple[str, str]) -> ModuleType:
    """A module of the sandbox with these changes, beside the true one."""
    text = source(file)
    for old, new in changes:
        text = changed(text, old, new)
    module = ModuleType(f"sandbox_mutant_{Path(file).stem}")
    sys.modules[module.__name__] = module  # dataclasses and msgspec look their names up there
    exec(compile(text, file, "exec"), module.__dict__)
    return module


def jailed_without(changes: Sequence[tuple[str, str]], attempt: str, user: int, **options: Any) -> str:
    """The answer of one attempt in a worker whose jail has these changes; by default without the filter of calls."""
    text = source("jail.py")
    for old, new in changes:
        text = changed(text, old, new)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "jail.py").write_text(text)
        asked = {"user": user, "attempts": {"it": attempt}, "without_filter": True} | options
        child = subprocess.run(
            [sys.executable, "-I", "-c", _JAILED, str(folder / "jail.py"), str(INMATES)],
            input=json.dumps(asked), env={"INMATE_FILE": "", "LANG": "C", "PATH": ""},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert child.returncode == 0, child.stderr[-3000:]
    _, answer = json.loads(child.stdout)["it"]
    return str(answer)
