"""The host's scan: everything a machine can say about a package, all at once. Pure; plugins add their own findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from host.hookspecs import Finding
from host.packages import capabilities as caps
from host.packages.limits import MAX_FINDINGS, MAX_SOURCE, allowance, excess
from host.packages.models import Manifest, Package
from sandbox.texts import read_texts

LuaCheck = Callable[[bytes, str], str | None]
"""Compiles (never runs) a source: (source, name) -> "line: problem" or None."""

_OPENING: Final = re.compile(
    r"""(?P<comment>--)?\[(?P<level>=*)\[|--[^\n]*|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?""", re.DOTALL
)


def scan(package: Package, lua_check: LuaCheck) -> tuple[Finding, ...]:
    """All findings on a package whose manifest is sound."""
    found = [
        finding
        for check in (_sources, _capability_use, _budget, _assets, _texts, _kind)
        for finding in check(package, lua_check)
    ]
    return tuple(found[:MAX_FINDINGS])


def world_sources(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The Lua files that a world loads: all but the tests."""
    return {
        path: data for path, data in files.items() if path.endswith(".lua") and not path.startswith("tests/")
    }


def world_texts(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """The translations that a world knows, by language."""
    return {
        PurePosixPath(path).stem: read_texts(data)
        for path, data in files.items()
        if path.startswith("locale/") and path.endswith(".po")
    }


def _sources(package: Package, lua_check: LuaCheck) -> Iterator[Finding]:
    entry = package.manifest.entry
    if entry not in package.files:
        yield _block(
            "package.entry_missing", f"The entry {entry} is not in the package.", "package.toml:entry"
        )
    size = sum(map(len, world_sources(package.files).values()))
    if size > MAX_SOURCE:
        yield _block(
            "package.source_size",
            f"Lua sources have {size:,} bytes together, the limit is {MAX_SOURCE:,}.",
            entry,
        )
    for path, data in sorted(package.files.items()):
        if not path.endswith(".lua"):
            continue
        if data[:1] == b"\x1b":
            yield _block("package.bytecode", "Compiled Lua is refused; ship the source.", path)
            continue
        problem = lua_check(data, path)
        if problem is not None:
            line = re.search(r"\d+", problem)
            place = f"{path}:{line[0]}" if line else path
            yield _block("package.lua_syntax", problem[:300], place)


def _capability_use(package: Package, _: LuaCheck) -> Iterator[Finding]:
    asked = package.manifest.capabilities
    used: set[str] = set(caps.SILENT)
    told: set[str] = set()
    if any(asset.kind == "model" for asset in package.manifest.assets):
        used.add("media.model")
    for path, data in sorted(world_sources(package.files).items()):
        texts = _code(data.decode("utf-8", "replace"), keep_strings=True)
        code = _code(texts, keep_strings=False)
        for source, table, certain in (
            (code, caps.CERTAIN, True),
            (code, caps.LIKELY, False),
            (texts, caps.LIKELY_IN_TEXT, False),
        ):
            for name, pattern in table.items():
                hit = pattern.search(source)
                if hit is None:
                    continue
                used.add(name)
                if name in asked or name in told or (not certain and name in _OWN_NAMES):
                    continue
                told.add(name)
                place = f"{path}:{source.count(chr(10), 0, hit.start()) + 1}"
                text = f"{hit[0]!r} needs the capability {name}, which the manifest does not ask for."
                if certain:
                    yield _block("package.capability_missing", text, place)
                else:
                    yield Finding("warn", "package.capability_missing", text, place)
    for name in sorted(asked - used):
        where = "required" if name in package.manifest.required else "optional"
        yield Finding(
            "warn",
            "package.capability_unused",
            f"{name} is asked for, but no source uses it.",
            f"package.toml:capabilities.{where}",
        )


# Words too common in a package's own code to warn about.
_OWN_NAMES: Final = frozenset({"board", "store", "media.model", "media.audio", "media.video"})


def _code(source: str, *, keep_strings: bool) -> str:
    """The source with comments, and string literals unless kept, blanked; line breaks stay where they are.

    Takes time linear in the source, whatever it holds: an unfinished literal reaches to the end.
    """
    parts: list[str] = []
    at = 0
    while (found := _OPENING.search(source, at)) is not None:
        end = found.end()
        if found["level"] is not None:
            closing = source.find(f"]{found['level']}]", end)
            end = len(source) if closing < 0 else closing + len(found["level"]) + 2
        text = source[found.start() : end]
        kept = keep_strings and not text.startswith("--")
        parts += (source[at : found.start()], text if kept else re.sub(r"[^\n]", " ", text))
        at = end
    return "".join((*parts, source[at:]))


def _budget(package: Package, _: LuaCheck) -> Iterator[Finding]:
    cells = package.manifest.footprint.cells
    for name, asked, limit in excess(package.manifest.budget, allowance(cells)):
        yield _block(
            "package.budget",
            f"{name} of {asked:,} is above the allowance of {limit:,} for {cells} Tierra.",
            f"package.toml:budget.{name}",
        )


def _assets(package: Package, _: LuaCheck) -> Iterator[Finding]:
    listed = {asset.path for asset in package.manifest.assets}
    present = {path for path in package.files if path.startswith("assets/")}
    for path in sorted(listed - present):
        yield _block(
            "package.asset_missing", f"{path} is listed, but not in the package.", "package.toml:assets"
        )
    for path in sorted(present - listed):
        yield _block("package.asset_unlisted", f"{path} is not listed under [[assets]].", path)
    magic = {".png": b"\x89PNG\r\n\x1a\n", ".glb": b"glTF", ".ogg": b"OggS", ".ogv": b"OggS"}
    for path in sorted(present):
        start = magic["." + path.rpartition(".")[2]]
        if not package.files[path].startswith(start):
            yield _block("package.asset_kind", f"{path} is not what its name says.", path)


def _texts(package: Package, _: LuaCheck) -> Iterator[Finding]:
    for path, data in sorted(package.files.items()):
        if path.endswith((".lua", ".md", ".po")) or path == "LICENSE":
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                line = data.count(b"\n", 0, error.start) + 1
                yield _block("package.text", f"{path} is not UTF-8 text.", f"{path}:{line}")
    for path, why in (
        ("LICENSE", "the license's text"),
        ("README.md", "what it is, for people"),
    ):
        if path not in package.files:
            yield Finding("warn", "package.file_missing", f"{path} is missing: {why}.", path)
    for language in package.manifest.languages:
        if language != "en" and f"locale/{language}.po" not in package.files:
            yield Finding(
                "warn",
                "package.locale_missing",
                f"{language} is promised, but locale/{language}.po is missing.",
                "package.toml:languages",
            )


def _kind(package: Package, _: LuaCheck) -> Iterator[Finding]:
    manifest: Manifest = package.manifest
    if manifest.kind == "shop" and "shop.offer" not in manifest.capabilities:
        yield Finding(
            "warn", "package.kind", "A shop without shop.offer sells nothing.", "package.toml:capabilities"
        )
    if "reward.claim" in manifest.capabilities and not manifest.pools:
        yield _block("package.kind", "reward.claim needs a pool under [pools].", "package.toml:pools")
    if "game.chance" in manifest.capabilities and manifest.age.rating != "adult":
        yield _block("package.chance_rating", "game.chance is for adults only.", "package.toml:age.rating")


def _block(code: str, message: str, path: str) -> Finding:
    return Finding("block", code, message, path)
