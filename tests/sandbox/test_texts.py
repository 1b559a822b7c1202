"""Translations are read from bytes that nobody vouches for."""

from __future__ import annotations

import pytest

from sandbox.texts import read_texts


def test_escapes_and_continued_lines_are_read() -> None:
    assert read_texts('msgid "a\\n"\n"b \\"c\\""\nmsgstr "\u00e4\\t\\\\"\n'.encode()) == {
        'a\nb "c"': "\u00e4\t\\"
    }


@pytest.mark.parametrize(
    "text",
    ['""+' + "[" * 5000 + '"', '""' + "+-" * 50_000 + '""', '"' + "\\" * 9999 + '"', '"a" "b"', '"a"b"', "a"],
)
def test_what_is_no_quoted_string_is_left_out(text: str) -> None:
    po = f'msgid "a"\nmsgstr {text}\n\nmsgid "b"\nmsgstr "c"\n'
    assert read_texts(po.encode()) == {"b": "c"}
