"""New packages: a folder with a manifest, a small game that works, its tests, and annotations for the editor."""

from __future__ import annotations

import getpass
import re
from importlib.resources import files
from pathlib import Path

from host.errors import MallError
from host.packages import manifest as manifests
from host.packages.archive import MANIFEST
from sandbox.annotations import LIBRARY, SETTING_TYPES, luarc, stubs
from sandbox.api import api

KINDS = ("game", "zone", "shop")
WHAT = {
    "game": "A round for one to eight: touch the light, it jumps away.",
    "zone": "A small gallery: three things to look at, and a gate that counts visits.",
    "shop": "Shelves with goods, and a wish list that each visitor keeps.",
}
LIBRARIES = {"zone": "lib/exhibits.lua", "shop": "lib/goods.lua"}
LICENSE = """Apache License 2.0

Copyright {author}

Licensed under the Apache License, Version 2.0 (the "License"); you may not use these files except in compliance
with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0

Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on an
"AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
"""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)


def make_package(kind: str, name: str, parent: Path, author: str | None = None) -> dict[str, object]:
    """Write a new package into `parent`/`name`; what was written.

    Args:
        kind: game, zone or shop. author: the first half of the id; the person's login name when left out.

    Raises:
        MallError: new.bad_name, new.exists, new.unwritable.
    """
    owner = author or _login()
    for what, text in (("name", name), ("author", owner)):
        if not _NAME.fullmatch(text):
            raise MallError(
                "new.bad_name",
                f"The {what} {text!r} must be 1 to 32 small letters, digits and '-', a letter first; "
                f"such as {_near(text)!r}.",
                name=text,
            )
    folder = parent / name
    words = {
        "{{author}}": owner,
        "{{name}}": name,
        "{{title}}": name.replace("-", " ").capitalize(),
        "{{what}}": WHAT[kind],
    }
    parts = {
        MANIFEST: f"{kind}.toml",
        "init.lua": f"{kind}.lua",
        f"tests/{name.replace('-', '_')}_test.lua": f"{kind}_test.lua",
        "README.md": "readme.md",
    }
    if kind in LIBRARIES:
        parts[LIBRARIES[kind]] = f"{kind}_lib.lua"
    texts = {path: _filled(template, words) for path, template in parts.items()}
    texts["LICENSE"] = LICENSE.format(author=owner)
    try:
        folder.mkdir(parents=True)
        for path, text in texts.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except FileExistsError as error:
        raise MallError(
            "new.exists", f"{folder} is there already; choose another name or another --in.", path=str(folder)
        ) from error
    except OSError as error:
        raise MallError(
            "new.unwritable", f"{folder} cannot be written: {error.strerror}.", path=str(folder)
        ) from error
    write_stubs(folder)
    return {
        "package": f"{owner}/{name}",
        "folder": str(folder),
        "files": [*sorted(texts), ".luarc.json", f"{LIBRARY}/"],
        "next": [f"mall run {folder}", f"mall test {folder}"],
    }


def write_stubs(folder: Path) -> dict[str, object]:
    """Write the annotations for an editor into a package's folder: `.luarc.json` and the library beside it.

    An own `.luarc.json` is left as it is. The settings of the manifest are typed, as far as it can be read.

    Raises:
        MallError: package.unreadable, new.unwritable.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise MallError(
            "package.unreadable",
            f"{folder} has no {MANIFEST}: give the folder of a package.",
            path=str(folder),
        )
    manifest, _ = manifests.read(path.read_bytes())
    settings = {}
    if manifest is not None:
        settings = {field.name: SETTING_TYPES.get(field.type, "string") for field in manifest.settings}
    written = []
    try:
        (folder / LIBRARY).mkdir(exist_ok=True)
        for name, text in stubs(api(), settings).items():
            (folder / LIBRARY / name).write_text(text, encoding="utf-8")
            written.append(f"{LIBRARY}/{name}")
        if not (folder / ".luarc.json").exists():
            (folder / ".luarc.json").write_text(luarc(), encoding="utf-8")
            written.append(".luarc.json")
    except OSError as error:
        raise MallError(
            "new.unwritable",
            f"{error.filename} cannot be written: {error.strerror}.",
            path=str(error.filename),
        ) from error
    return {"folder": str(folder), "written": sorted(written), "settings": sorted(settings)}


def _filled(template: str, words: dict[str, str]) -> str:
    text = (files("host.preview.templates") / template).read_text(encoding="utf-8")
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


def _login() -> str:
    """The person's login name as an author's name; "me" where there is none."""
    try:
        return _near(getpass.getuser())
    except (OSError, KeyError):
        return "me"


def _near(text: str) -> str:
    """A good name that is near to this one."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789")[:32] or "me"
