"""Turns a folder of unpacked packages into an engine tree that starts on its own."""

from __future__ import annotations

import json
from pathlib import Path

from host.errors import MallError
from host.godot.engine import MANIFEST

TOOLS = "tools"
XVFB = f"{TOOLS}/Xvfb"
_XKBCOMP_FOLDER = b"\0/usr/bin\0"
_TOOLS_FOLDER = b"\0./tools\0\0"
_LOADERS = ("lib64/ld-linux*.so.*", "lib/ld-linux*.so.*")


def finish(tree: Path, version: str, triplet: str) -> None:
    """Finds the loader and the libraries, makes the virtual display movable and writes the manifest.

    All paths in the manifest are relative, so the tree can be renamed.

    Raises:
        MallError: `engine.broken_install` when the packages hold no loader or no libraries.
    """
    roots = [tree / "usr", tree]
    loaders = [path for root in roots for pattern in _LOADERS for path in sorted(root.glob(pattern))]
    loader = next((path for path in loaders if path.is_file()), None)
    if loader is None:
        raise MallError("engine.broken_install", "The packages hold no program loader (ld-linux).")
    libraries = [root / "lib" / triplet for root in roots if (root / "lib" / triplet).is_dir()]
    if not libraries:
        raise MallError("engine.broken_install", f"The packages hold no libraries for {triplet}.")
    # Sound keeps private libraries one folder deeper and names that place by an absolute path.
    libraries += [path / "pulseaudio" for path in libraries if (path / "pulseaudio").is_dir()]
    names = [str(path.relative_to(tree)) for path in libraries]
    loader_name = str(loader.relative_to(tree))
    _movable_xvfb(tree, loader_name, names)
    manifest = {
        "version": version,
        "loader": loader_name,
        "libraries": names,
        "renders": any((path / "dri").is_dir() for path in libraries),
    }
    (tree / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def _movable_xvfb(tree: Path, loader: str, libraries: list[str]) -> None:
    """Makes a copy of the virtual display that finds its keymap compiler in the tree.

    Xvfb starts `/usr/bin/xkbcomp` by a fixed path that no option changes, and ends without it. The copy has
    a relative path of the same length in that place and must be started with the tree as working folder.
    Without exactly one such place nothing is made, and only a system's own Xvfb can serve.
    """
    original = tree / "usr/bin/Xvfb"
    program = original.read_bytes() if original.is_file() else b""
    if program.count(_XKBCOMP_FOLDER) != 1 or not (tree / "usr/bin/xkbcomp").is_file():
        return
    (tree / TOOLS).mkdir()
    (tree / XVFB).write_bytes(program.replace(_XKBCOMP_FOLDER, _TOOLS_FOLDER))
    wrapper = tree / TOOLS / "xkbcomp"
    wrapper.write_text(
        f'#!/bin/sh\nexec {loader} --library-path {":".join(libraries)} usr/bin/xkbcomp "$@"\n', "utf-8"
    )
    wrapper.chmod(0o755)
