"""The client's constants are those of the wire schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from host.gateway import generate_gd, schema


def test_the_committed_constants_are_what_the_schema_says() -> None:
    assert generate_gd.TARGET.read_text(encoding="utf-8") == generate_gd.render()
    assert generate_gd.main(["--check"]) == 0


def test_a_stale_file_is_refused_and_then_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "net" / "wire.gd"
    monkeypatch.setattr(generate_gd, "TARGET", target)
    assert generate_gd.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().err
    assert generate_gd.main([]) == 0
    assert generate_gd.main(["--check"]) == 0
    target.write_text(target.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert generate_gd.main(["--check"]) == 1


def test_every_message_and_every_number_of_the_schema_is_in_the_file() -> None:
    text = generate_gd.render()
    for kind in [*schema.CLIENT_MESSAGES, *schema.HOST_MESSAGES]:
        assert f'\t"{kind}":' in text
    assert f"const MAX_CHAT := {schema.MAX_CHAT}\n" in text
    assert f"const MOVE_SIZE := {schema.MOVE_STRUCT.size}\n" in text


def test_offsets_are_where_the_fields_lie() -> None:
    found = re.search(r"const MOVE_OFFSETS: Array\[int\] = \[(.*)\]", generate_gd.render())
    assert found is not None
    offsets = [int(number) for number in found.group(1).split(",")]
    frame = schema.MOVE_STRUCT.pack(2, 0, 0x1234, -5, 6, 7, 8, 9, 0)
    assert frame[offsets[0]] == 2
    assert int.from_bytes(frame[offsets[2] : offsets[2] + 2], "little") == 0x1234
    assert int.from_bytes(frame[offsets[3] : offsets[3] + 4], "little", signed=True) == -5
    assert frame[offsets[6]] == 8


def test_a_value_without_a_form_in_the_client_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "STRANGE", object(), raising=False)
    with pytest.raises(TypeError, match="STRANGE"):
        generate_gd.render()
