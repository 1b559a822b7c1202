"""Writes the client's constants, `godot_project/scripts/net/wire.gd`, from the wire schema.

`python -m host.gateway.generate_gd` writes the file; with `--check` it changes nothing and exits 1 when the
file differs from what the schema says. Numbers become constants of the same name; a struct `X_STRUCT` becomes
`X_FORMAT`, `X_SIZE` (bytes) and `X_OFFSETS` (byte offset of each field); tables become constant dictionaries.
"""

from __future__ import annotations

import argparse
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from host.gateway import schema

TARGET: Final = Path(__file__).resolve().parents[2] / "godot_project" / "scripts" / "net" / "wire.gd"
_HEADER: Final = """extends RefCounted
## The wire's constants. Generated from host/gateway/schema.py: do not edit, run
## `python -m host.gateway.generate_gd`.
"""


def render() -> str:
    """Returns the whole text of wire.gd for the schema as it is now."""
    lines = [_HEADER]
    for name, value in vars(schema).items():
        if not name.isupper():
            continue
        if isinstance(value, struct.Struct):
            lines += _struct_lines(name.removesuffix("_STRUCT"), value)
        elif isinstance(value, Mapping):
            lines += _table_lines(name, value)
        elif isinstance(value, int | float | str):
            lines.append(f"const {name} := {_literal(value)}")
        else:
            raise TypeError(f"schema.{name}: no GDScript form for {type(value).__name__}")
    return "\n".join(lines) + "\n"


def _struct_lines(name: str, packed: struct.Struct) -> list[str]:
    """Returns format, size and field offsets. The schema's formats have one letter a field, little-endian."""
    letters = packed.format.removeprefix("<")
    offsets = [struct.calcsize("<" + letters[:at]) for at in range(len(letters))]
    return [
        f'const {name}_FORMAT := "{packed.format}"',
        f"const {name}_SIZE := {packed.size}",
        f"const {name}_OFFSETS: Array[int] = {offsets}",
    ]


def _table_lines(name: str, table: Mapping[str, object]) -> list[str]:
    lines = [f"const {name} := {{"]
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            lines.append(f'\t"{key}":')
            lines.append("\t{")
            lines += [f'\t\t"{field}": {_literal(kind)},' for field, kind in value.items()]
            lines.append("\t},")
        else:
            lines.append(f'\t"{key}": {_literal(value)},')
    return [*lines, "}"]


def _literal(value: object) -> str:
    if isinstance(value, Mapping) and not value:
        return "{}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def main(argv: list[str] | None = None) -> int:
    """Writes or checks the file; returns the exit status: 0, or 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(description="Write the client's wire constants from the schema.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when the file is stale")
    options = parser.parse_args(argv)
    text = render()
    if options.check:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.name} is stale: run `python -m host.gateway.generate_gd`", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
