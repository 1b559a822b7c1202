"""What a preview says: errors show the source line with a caret, what the code means, and what goes on."""

from __future__ import annotations

import io

from rich.console import Console

from host.preview.words import Words, excerpt

SOURCES = {"init.lua": b"local x = 1\n\tbell:sett { scale = 2 }\nx = = 1\n"}


def said(*, code: str, message: str, file: str = "", line: int = 0, then: str = "") -> list[str]:
    out = io.StringIO()
    words = Words(Console(file=out, width=200, soft_wrap=True), clock=lambda: 0.0)
    words.error(code, message, SOURCES, file=file, line=line, then=then)
    return out.getvalue().splitlines()


def test_an_error_names_place_code_line_and_what_goes_on() -> None:
    lines = said(
        code="sandbox.script_error",
        message="init.lua:3: unexpected symbol near '='",
        then="the old one stays",
    )
    assert lines[0].endswith("✗ init.lua:3: unexpected symbol near '=' sandbox.script_error")
    assert [line.strip() for line in lines[1:]] == ["3 | x = = 1", "^", "the old one stays"]


def test_the_caret_is_below_the_word_that_the_message_names() -> None:
    source, caret = excerpt(SOURCES, "init.lua", 2, "attempt to call a nil value (method 'sett')")
    assert source[caret.index("^") :][: caret.count("^")] == "sett"


def test_an_error_of_a_limit_says_what_to_do() -> None:
    lines = said(code="store.quota", message="the store would hold 70000 bytes", file="init.lua", line=1)
    assert any("delete something first" in line for line in lines)


def test_a_place_that_is_not_there_shows_no_source() -> None:
    assert excerpt(SOURCES, "init.lua", 9, "") == ()
    assert excerpt(SOURCES, "gone.lua", 1, "") == ()
    assert len(said(code="package.findings", message="1 finding(s) stop this package.")) == 1
