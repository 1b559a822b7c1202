"""Broken sources that cannot lie in the tree as text: made when the corpus is read, with a head like the others."""

from __future__ import annotations

from sandbox.limits import DEFAULT_LIMITS

HEAD = "-- {}\n-- load: {}\n-- event: {}\n"
BYTECODE = (
    b"\x1bLua\x55\x00\x19\x93\r\n\x1a\n\x04\x08\x08xV\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00(w@\x01"
)


def made() -> dict[str, bytes]:
    """Sources by their name in the corpus."""
    many_locals = "".join(f"local a{i} = {i}\n" for i in range(255)).encode()
    largest = b"x = 1 " * (DEFAULT_LIMITS.source_bytes // 6)
    room = DEFAULT_LIMITS.source_bytes - 1000
    rows: tuple[tuple[str, str, str, str, bytes], ...] = (
        (
            "bom",
            "A byte order mark before the first line.",
            "ok|error",
            "ok|error",
            b"\xef\xbb\xbflocal x = 1\n",
        ),
        (
            "crlf",
            "Lines that end as on other systems.",
            "ok",
            "ok",
            b"local x = 1\r\nlocal y = x\r\nreturn y\r\n",
        ),
        ("cr", "Lines that end with a return alone.", "ok", "ok", b"local x = 1\rlocal y = x\r"),
        ("nul", "Null bytes between the words.", "error", "error", b"local x\0= 1\n"),
        (
            "nul_in_text",
            "A null byte in a text and in a comment.",
            "ok",
            "ok",
            b'local x = "a\0b" --\0\nassert(#x == 3)\n',
        ),
        ("not_utf8", "A text that is not UTF-8.", "ok", "ok", b'local x = "\xff\xfe\xc3("\nmall.log(x)\n'),
        ("not_utf8_name", "A name that is not UTF-8.", "error", "error", b"local \xff\xfe = 1\n"),
        (
            "not_utf8_error",
            "A runtime error whose text is not UTF-8.",
            "error",
            "error",
            b'error("\xff\xfe\xed\xa0\x80")\n',
        ),
        ("binary", "All bytes there are.", "error", "error", bytes(range(256)) * 4),
        ("bytecode_head", "Bytecode after the comment, as a source file.", "error", "error", BYTECODE),
        (
            "huge_line",
            "One line of two hundred thousand bytes.",
            "ok",
            "ok",
            b'local x = "' + b"x" * 200_000 + b'"\n',
        ),
        (
            "largest",
            "A source of the largest size, all of it code.",
            "ok|memory|error|budget",
            "ok|memory|error|budget",
            largest[:room],
        ),
        (
            "largest_comment",
            "A source of the largest size, nearly all comment.",
            "ok",
            "ok",
            b"--" + b"x" * (room - 100),
        ),
        (
            "too_large",
            "A source above the largest size.",
            "error",
            "error",
            b"--" + b"x" * DEFAULT_LIMITS.source_bytes,
        ),
        ("many_locals", "More locals than a function may have.", "error", "error", many_locals),
        (
            "many_upvalues",
            "More outer variables than a function may use.",
            "error",
            "error",
            _many_upvalues(),
        ),
        (
            "many_constants",
            "Fifty thousand constants.",
            "ok|memory",
            "ok|memory",
            b"local t = {" + b",".join(b"%d.5" % i for i in range(30000)) + b"}\n",
        ),
        (
            "deep_brackets",
            "Brackets nested deeper than the parser goes.",
            "error",
            "error",
            b"local x = " + b"(" * 10_000 + b"1" + b")" * 10_000,
        ),
        (
            "deep_tables",
            "Tables nested deeper than the parser goes.",
            "error",
            "error",
            b"local x = " + b"{" * 10_000 + b"}" * 10_000,
        ),
        (
            "deep_functions",
            "Functions nested deeper than the parser goes.",
            "error",
            "error",
            b"local f = " + b"function() return " * 5_000 + b" end" * 5_000,
        ),
        (
            "deep_ifs",
            "Blocks nested deeper than the parser goes.",
            "error",
            "error",
            b"if x then " * 10_000 + b"end " * 10_000,
        ),
        (
            "long_concat",
            "A chain of concats longer than the registers.",
            "error",
            "error",
            b"local x = 'a'" + b"..'a'" * 20_000,
        ),
        (
            "long_minus",
            "A chain of signs longer than the parser goes.",
            "error",
            "error",
            b"local x = " + b"- " * 50_000 + b"1",
        ),
        (
            "long_name",
            "A name of a hundred thousand letters.",
            "ok",
            "ok",
            b"local " + b"n" * 100_000 + b" = 1\n",
        ),
        (
            "long_number",
            "A numeral of a hundred thousand digits.",
            "ok",
            "ok",
            b"local x = 1" + b"0" * 100_000 + b"\n",
        ),
        (
            "many_lines",
            "Two hundred thousand empty lines, then an error.",
            "error",
            "error",
            b"\n" * 200_000 + b"error 'far down'\n",
        ),
        (
            "many_functions",
            "Ten thousand functions.",
            "ok|memory",
            "ok|memory",
            b"local f\n" + b"f = function() end\n" * 10_000,
        ),
        (
            "control_characters",
            "Control characters and escapes for terminals.",
            "error",
            "error",
            b"error('\\27[2J\\7\x1b[31m')\n",
        ),
    )
    return {
        f"broken/made_{name}": HEAD.format(about, load, event).encode() + body
        for name, about, load, event, body in rows
    }


def _many_upvalues() -> bytes:
    """A function inside a function, which uses 300 variables of the two around it."""
    outer = "".join(f"local a{i} = {i} " for i in range(150))
    inner = "".join(f"local b{i} = {i} " for i in range(150))
    uses = "+".join(f"{letter}{i}" for letter in "ab" for i in range(150))
    return f"{outer}\nlocal function f() {inner} return function() return {uses} end end f()".encode()
