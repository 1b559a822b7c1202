"""Reads the package mirrors that this system is configured with. Format: sources.list(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SCHEMES = ("http", "https", "mirror", "mirror+http", "mirror+https", "mirror+file", "file", "copy")
ALIASES = ("oldoldstable", "oldstable", "stable", "testing", "unstable", "sid")
_ONE_LINE = re.compile(r"^deb\s+(?:\[([^]]*)\]\s+)?(?!\[)(\S+)\s+(\S+)((?:\s+\S+)*)\s*$")


@dataclass(frozen=True, slots=True)
class Source:
    """One place that packages come from: one URI with one suite."""

    uri: str
    suite: str
    components: tuple[str, ...]


def parse_one_line(text: str) -> Iterator[Source]:
    """Sources of a `*.list` file. Lines that are no `deb` entry, or are broken, give nothing, as apt does
    not use them either."""
    for line in text.splitlines():
        found = _ONE_LINE.match(line.split("#", 1)[0].strip())
        if found:
            yield Source(found[2], found[3], tuple(found[4].split()))


def parse_deb822(text: str) -> Iterator[Source]:
    """Sources of a `*.sources` file: stanzas of `Field: value`, where an indented line continues a value."""
    for stanza in re.split(r"\n(?:[ \t]*\n)+", text.replace("\r\n", "\n")):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split():
            continue
        if fields.get("enabled", "yes").strip().lower() in ("no", "false", "0", "off", "without", "disable"):
            continue
        components = tuple(fields.get("components", "").split())
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(uri, suite, components)


def read_sources(apt_folder: Path) -> list[Source]:
    """Every source below an apt folder (the system's is /etc/apt), in the order in which apt reads them.

    A file that this user may not read gives nothing: its entries may hold passwords for others only.
    """
    files = [apt_folder / "sources.list"]
    parts = apt_folder / "sources.list.d"
    if parts.is_dir():
        files += sorted(path for path in parts.iterdir() if path.suffix in (".list", ".sources"))
    found: list[Source] = []
    for path in files:
        try:
            text = path.read_text("utf-8", errors="replace")
        except (FileNotFoundError, PermissionError):
            continue
        found += parse_deb822(text) if path.suffix == ".sources" else parse_one_line(text)
    return found


def mirrors(sources: list[Source], codename: str) -> list[str]:
    """URIs that may be Debian's main archive: those that serve this release's own suite with `main`.

    Other archives use the same suite names, so this is a guess in a good order (Debian's own folder name
    first); the signature check decides.
    """
    suites = {codename, *ALIASES}
    uris = [
        source.uri
        for source in sources
        if source.suite in suites
        and "main" in source.components
        and source.uri.partition(":")[0] in SCHEMES
        and not re.search(r"[\s\"\[\]]", source.uri)
    ]
    return sorted(dict.fromkeys(uris), key=lambda uri: not uri.rstrip("/").endswith("/debian"))


def parse_os_release(text: str) -> Mapping[str, str]:
    """The fields of os-release(5), unquoted."""
    rows = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, _, value in rows}


def _fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t":
            if name:
                fields[name] += " " + line.strip()
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        fields[name] = value.strip()
    return fields
