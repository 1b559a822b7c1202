"""Which Godot engine this machine has, and how it is started."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from host.errors import MallError

MINIMUM = (4, 4, 0)
"""The oldest engine that the client's project runs on."""

MANIFEST = "mall-engine.json"
"""File in the root of an installed tree; it is written last, so a tree without it is not complete."""

PATH_NAMES = ("godot", "godot4")
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_VERSION_TIMEOUT_S = 20

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that can be started.

    Attributes:
        path: the engine's program file.
        version: the engine's own version text, such as `4.6.3.stable`.
        command: argument vector prefix that starts it; append the engine's arguments.
        env: variables to add to the environment of the start.
        renders: True when it can draw, given a display (False: headless runs only).
        tree: root of the unpacked tree, or None for an engine of the system.
    """

    path: Path
    version: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    renders: bool = True
    tree: Path | None = None


def parse_version(text: str) -> Version | None:
    """The number in front of a Godot or Debian version text; None when there is none."""
    found = _VERSION.match(text.strip())
    if not found:
        return None
    return int(found[1]), int(found[2]), int(found[3] or 0)


def usable(version: Version | None) -> bool:
    """True for a Godot 4 that is new enough; a Godot 5 may not read our project."""
    return version is not None and MINIMUM <= version < (5, 0, 0)


def cache_root(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of everything this program may build again: `${XDG_CACHE_HOME:-~/.cache}/mall`.

    A relative XDG_CACHE_HOME is ignored, as the XDG base directory specification demands.
    """
    xdg = environ.get("XDG_CACHE_HOME", "")
    home = Path(environ["HOME"]) if "HOME" in environ else Path.home()
    return (Path(xdg) if os.path.isabs(xdg) else home / ".cache") / "mall"


def engines_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that holds one installed tree per version."""
    return cache_root(environ) / "engine"


def ask_version(command: tuple[str, ...], env: Mapping[str, str]) -> str | None:
    """What `--version` answers, or None when the program does not start or does not answer."""
    try:
        answer = subprocess.run(  # noqa: S603 - the program is the user's own choice
            [*command, "--version"],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_VERSION_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.strip().splitlines()
    return lines[-1].strip() if answer.returncode == 0 and lines else None


def tree_engine(tree: Path) -> Engine | None:
    """The engine of a complete installed tree; None for anything else in that place."""
    try:
        manifest = json.loads((tree / MANIFEST).read_text("utf-8"))
        version, loader = str(manifest["version"]), tree / str(manifest["loader"])
        libraries = [str(tree / str(part)) for part in manifest["libraries"]]
        drivers = str(Path(libraries[0]) / "dri")
    except (OSError, ValueError, LookupError, TypeError):
        return None
    program = tree / "usr/bin/godot"
    if not (program.is_file() and loader.is_file()):
        return None
    # The vendor list and the drivers must come from the tree: its libraries need its own newer C library.
    env = {
        "LIBGL_DRIVERS_PATH": drivers,
        "__EGL_VENDOR_LIBRARY_DIRS": str(tree / "usr/share/glvnd/egl_vendor.d"),
        "FONTCONFIG_PATH": str(tree / "etc/fonts"),
    }
    return Engine(
        path=program,
        version=version,
        command=(str(loader), "--library-path", ":".join(libraries), str(program)),
        env=env,
        renders=bool(manifest.get("renders")),
        tree=tree,
    )


def installed(environ: Mapping[str, str] = os.environ) -> list[Engine]:
    """The complete installed trees, newest engine first."""
    folder = engines_folder(environ)
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    found = [tree_engine(folder / name) for name in names if not name.startswith(".")]
    good = [(parse_version(engine.version), engine) for engine in found if engine is not None]
    ranked = [(version, str(engine.tree), engine) for version, engine in good if version and usable(version)]
    return [engine for _, _, engine in sorted(ranked, key=lambda row: row[:2], reverse=True)]


def find(environ: Mapping[str, str] = os.environ) -> Engine | None:
    """The engine to use: `MALL_GODOT`, then PATH, then the user cache; None when there is none.

    Raises:
        MallError: `engine.bad_choice` when MALL_GODOT names a program that is no Godot >= 4.4. A named
            program is never replaced in silence by another one.
    """
    named = environ.get("MALL_GODOT", "")
    if named:
        where = shutil.which(named, path=environ.get("PATH", os.defpath))
        engine = _system_engine(where) if where else None
        if engine is None:
            raise MallError(
                "engine.bad_choice",
                f"MALL_GODOT names {named!r}, which does not answer as Godot {minimum_text()} or newer (4.x). "
                "Set it to such a program, or unset it.",
                program=named,
            )
        return engine
    for name in PATH_NAMES:
        where = shutil.which(name, path=environ.get("PATH", os.defpath))
        engine = _system_engine(where) if where else None
        if engine is not None:
            return engine
    return next(iter(installed(environ)), None)


def require(environ: Mapping[str, str] = os.environ) -> Engine:
    """As `find`, but raises MallError `engine.missing` when there is none."""
    engine = find(environ)
    if engine is None:
        raise MallError(
            "engine.missing",
            f"No Godot {minimum_text()} or newer was found. Run `mall play`, which installs it, put `godot` on PATH, "
            "or set MALL_GODOT to the program.",
            minimum=minimum_text(),
        )
    return engine


def minimum_text() -> str:
    """The oldest usable engine as people write it: `4.4`."""
    return f"{MINIMUM[0]}.{MINIMUM[1]}"


def _system_engine(program: str) -> Engine | None:
    version = ask_version((program,), {})
    if version is None or not usable(parse_version(version)):
        return None
    return Engine(path=Path(program), version=version, command=(program,))
