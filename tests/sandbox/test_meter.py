"""Metered text does what the text does, and no loop, call or jump back in it is free."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa import lua55

from sandbox.metering import metered

RUN = b"""
local load, pcall, tostring, join = load, pcall, tostring, debug.upvaluejoin
local left, slow, spent = 1 << 40, 1 << 40, function() end
local function anchor() return left, slow, spent end
local places = { __meter = 1, __meter_slow = 2, __meter_spent = 3 }
return function(text, is_metered, from)
  local log = {}
  local env = { C = 0, tostring = tostring, pcall = pcall, log = function(x) log[#log + 1] = tostring(x) end }
  left = from
  local chunk, problem = load(text, "=it", "t", env)
  if not chunk then
    return problem
  end
  if is_metered then
    chunk = chunk()
    for i = 1, 255 do
      local name = debug.getupvalue(chunk, i)
      if not name then break end
      if places[name] then join(chunk, i, anchor, places[name]) end
    end
  end
  local ok, result = pcall(chunk)
  log[#log + 1] = tostring(ok) .. tostring(result)
  return table.concat(log, ";"), env.C, from - left
end
"""


@cache
def _run() -> Any:
    runtime = lua55.LuaRuntime(encoding=None, register_eval=False, unpack_returned_tuples=True)
    return runtime.execute(RUN)


def both(source: bytes) -> tuple[bytes, bytes, int, int]:
    """What the text says as it is and metered, its own count C, and what was taken by checks."""
    text, problem = metered("it", source)
    assert text is not None, problem
    raw, _, _ = _run()(source, False, 0)
    said, count, taken = _run()(text, True, 1 << 40)
    return raw, said, count, taken


TRICKY = {
    "strings": rb"""log("do end \" while \\") log('for \' i') log("a\z
        while true do") log("\x41\u{42}\067\
x") log([[while]] .. [==[ ]] do ]==])""",
    "comments": b"--[[ while true do ]] log(1) --[==[ ]] \n]==] log(2) -- while\rlog(3) --[=x\nlog(4)",
    "numerals": b"log(0x.8p1) log(3.) log(.5e-1) log(0xA.p+2) log(1e2) log(3 .. 2) log(0x1e+1) log(7//2) log(1<<2)",
    "spaces": b"local\va\f=\t1\r\nlog(a)--x\r\nlog(2)",
    "names": b"local endx, do_, _while = 1, 2, 3 log(endx + do_ + _while) local t = { ['end'] = 4 } log(t['end'])",
    "methods of texts": b"local s = ('x') log(s == 'x' and 'y') log(#'while')",
    "goto": b"for i = 1, 3 do if i == 2 then goto continue end log(i) ::continue:: end do goto a local b ::a:: end",
    "back": b"local i = 0 ::top:: i = i + 1 do if i < 3 then goto top end end log(i) goto fin ::fin:: ::fin2::",
    "attributes": b"local a <const>, b <close> = 1, nil log(a) local c <const> = 2 log(c)",
    "functions": b"local t = {} function t.a.b() end",
    "methods": b"local t = { a = {} } function t.a:f(...) log(...) return self end t.a:f(1):f(2)",
    "conditions": b"local i = 0 while (function() return i < 2 end)() do i = i + 1 end repeat local x = i i = i - 1"
    b" until (function() for _ = 1, 2 do end return x < 1 end)() log(i)",
    "branches": b"for i = 1, 3 do if i == 1 then log(1) elseif i == 2 then log(2) else do log(3) end end end",
    "semicolons": b";;local a = 1; log(a);; return a;",
    "tables": b"local t = { 1; 2, x = 3; ['y'] = function() return 4 end, } log(t[1] + t.x + t.y()) log({}==nil)",
    "calls": b"log 'x' log [[y]] log(select and 1) (log)(2) local f = log f(3)",
    "global": b"global log global x = 1 log(x)",
    "empty": b"",
    "comment at the end": b"log(1) -- end",
    "return": b"do return 1 end",
    "labels after conditions": b"local n = 0 repeat until true ::a:: n = n + 1 if n < 3 then goto a end log(n)",
    "attributes in rows": b"local a <const>, b <const>, c <close>, d <const> = 1, 2, nil, 4 log(a < b) log(b > d)",
    "many comparisons": b"local a, b, n = 1, 2, 0 "
    + b"n = a < b and n or b; " * 50
    + b"log(n, {"
    + b"a < b, " * 99
    + b"})",
}


@pytest.mark.parametrize("source", TRICKY.values(), ids=TRICKY.keys())
def test_metered_text_says_what_the_text_says(source: bytes) -> None:
    raw, said, _, taken = both(source)
    assert said == raw
    assert taken > 0


def test_lines_of_errors_stay() -> None:
    raw, said, _, _ = both(b"local x\nfor i = 1, 2 do\n  log(i)\nend\n\nlog(x.y)")
    assert said == raw
    assert b"it:6:" in said


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"x = ", b"it:1: unexpected symbol near <eof>"),
        (b"end x = 1 do", b"it:1: <eof> expected near 'end'"),
        (b"end, function()", b"it:1: <eof> expected near 'end'"),
        (b"\n__meter = 1", b"it:2: names that begin with __meter are the sandbox's own"),
        (b"local t = { __meter_x = 1 }", b"it:1: names that begin with __meter are the sandbox's own"),
        (b"\x1bLua", b"attempt to load a binary chunk (mode is 't')"),
    ],
)
def test_what_may_not_run_is_refused_with_its_line(source: bytes, why: bytes) -> None:
    text, problem = metered("it", source)
    assert text is None
    assert problem is not None
    assert problem.startswith(why.split(b" near")[0])


names = st.sampled_from(["a", "b", "c"])
values = st.one_of(
    st.integers(0, 5).map(str), st.sampled_from(["'x'", "[[end]]", "nil"]), names.map("tostring({})".format)
)
times = st.integers(0, 4)
STATEMENTS = (
    "for i = 1, {times} do {block} end",
    "do local n = 0 while n < {times} do n = n + 1 {block} end end",
    "do local n = 0 repeat n = n + 1 {block} until n > {times} end",
    "do local n = 0 ::l{label}:: {block} n = n + 1 if n < {times} then goto l{label} end end",
    "do local f = function(x, ...) {block} return x end f(1, 2) {name} = f(3) end",
    "do local function f(n) {block} if n > 0 then f(n - 1) end end f({times}) end",
    "for i = 1, 3 do if i == {times} then goto l{label} end {block} ::l{label}:: end",
    "if {name} == {value} then {block} elseif {name} == {times} then {block} else {block} end",
)


def _block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=4).map(lambda parts: "C = C + 1 " + " ".join(parts))


def _statements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    holes = {
        "block": _block(inner),
        "times": times,
        "label": st.uuids().map(lambda u: u.hex),
        "name": names,
        "value": values,
    }
    return st.builds(lambda shape, **filled: shape.format(**filled), st.sampled_from(STATEMENTS), **holes)


simple = st.one_of(
    st.builds("{} = {}".format, names, values),
    st.builds("local {} = {}".format, names, values),
    st.builds("log({})".format, values),
    st.builds("local t = {{ {}, k = {}; function() C = C + 1 end }} t[2]()".format, values, values),
    st.builds("-- {}\n".format, st.sampled_from(["end", "[[ do", "'"])),
)
programs = _block(st.recursive(simple, _statements, max_leaves=25))


@given(programs)
@settings(max_examples=300, deadline=None)
def test_programs_do_the_same_and_each_round_is_paid(program: str) -> None:
    raw, said, count, taken = both(program.encode())
    assert said == raw
    assert (
        taken * 4 >= count
    )  # a round or a call counts itself once, in four tokens of which two make an instruction


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_metered_or_refused(source: bytes) -> None:
    text, problem = metered("it", source)
    assert (text is None) != (problem is None)
