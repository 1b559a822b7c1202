"""Reads what a state needs from a package's folder, for tests and previews. Full checks are the host's business."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.texts import read_texts
from sandbox.wire import InstanceSpec

CELL_METRES = 15.0
DEFAULT_HEIGHT = 20.0


def read_spec(folder: Path, *, seed: int, now: float, settings: dict[str, Any] | None = None) -> InstanceSpec:
    """A spec with every asked capability granted and each setting at its default.

    Raises SandboxError `package.no_manifest` or `package.bad_manifest`.
    """
    path = folder / "package.toml"
    try:
        manifest = tomllib.loads(path.read_text("utf-8"))
        cells = manifest["footprint"]["cells"]
        size = (
            cells[0] * CELL_METRES,
            float(manifest["footprint"].get("height", DEFAULT_HEIGHT)),
            cells[1] * CELL_METRES,
        )
        asked = manifest.get("capabilities", {})
        values = {name: entry["default"] for name, entry in manifest.get("settings", {}).items()}
        identity = (str(manifest["id"]), str(manifest["version"]), str(manifest.get("entry", "init.lua")))
        language = str((manifest.get("languages") or ["en"])[0])
    except FileNotFoundError as problem:
        raise SandboxError("package.no_manifest", f"{folder} holds no package.toml") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, IndexError) as problem:
        raise SandboxError("package.bad_manifest", f"{path.name}: {problem}") from problem
    sources = {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*.lua"))
        if file.relative_to(folder).parts[0] != "tests" and not _hidden(file.relative_to(folder))
    }
    return InstanceSpec(
        instance=1,
        package=identity[0],
        version=identity[1],
        digest="",
        sources=sources,
        entry=identity[2],
        settings={**values, **(settings or {})},
        capabilities=frozenset(asked.get("required", [])) | frozenset(asked.get("optional", [])),
        seed=seed,
        now=now,
        footprint=size,
        facts={
            "id": 1,
            "address": "test street 1",
            "holder_name": "Test",
            "cells": cells[0] * cells[1],
            "height": size[1],
            "mall_id": "",
            "island": "",
        },
        texts={file.stem: read_texts(file.read_bytes()) for file in sorted(folder.glob("locale/*.po"))},
        language=language,
    )


def _hidden(path: Path) -> bool:
    """Dot files and what lies in dot folders, such as annotations for an editor, are no part of a package."""
    return any(part.startswith(".") for part in path.parts)
