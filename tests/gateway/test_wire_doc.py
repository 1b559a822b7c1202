"""docs/wire.md says what the schema says."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from host.gateway import schema
from host.gateway.limits import Limits

PAGE = (Path(__file__).parents[2] / "docs" / "wire.md").read_text()


def section(title: str) -> str:
    return PAGE.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(
    ("title", "messages"),
    [("Client to host", schema.CLIENT_MESSAGES), ("Host to client", schema.HOST_MESSAGES)],
)
def test_every_message_stands_there_with_exactly_its_fields(
    title: str, messages: dict[str, dict[str, str]]
) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\|", section(title), re.M)
    documented = {kind: dict(re.findall(r"`(\w+)` ([\w\[\]]+\??)", fields)) for kind, fields in rows}
    assert documented == messages


def test_every_close_code_stands_there_with_its_number() -> None:
    rows = re.findall(r"^\| (\d{4}) \| `([\w.]+)` \|", section("Close codes"), re.M)
    assert {code: int(number) for number, code in rows} == schema.CLOSE_CODES


def test_layouts_and_limits_are_those_of_the_code() -> None:
    assert f"MOVE, client to host, {schema.MOVE_STRUCT.size} bytes" in PAGE
    assert f"One record, {schema.RECORD_STRUCT.size} bytes" in PAGE
    assert struct.calcsize("<BBHI") == schema.SNAPSHOT_STRUCT.size == 8
    assert schema.BLOCK_STRUCT.size == 8
    assert f"Version {schema.VERSION}." in PAGE
    limits = Limits()
    table = section("Limits")
    for shown in (
        f"{schema.MAX_TEXT_FRAME:,} bytes",
        f"{limits.messages_per_s:g} a second, burst {limits.message_burst:g}",
        f"{limits.bytes_per_s / 1024:g} KiB a second, burst {limits.byte_burst / 1024:g} KiB",
        f"1 in {1 / limits.errors_per_s:g} s, burst {limits.error_burst:g}",
        f"| {limits.hello_s:g} s | `wire.no_hello`",
        f"pinged after {limits.ping_s:g} s, given up after {limits.silent_s:g} s",
        f"{limits.snapshot_buffer // 1024} KiB | snapshots stop",
        f"| {limits.slow_s:g} s | `wire.slow_reader`",
        f"{limits.control_buffer // 1024**2} MiB | `wire.slow_reader`",
    ):
        assert shown in table
