"""The metered matcher gives what the real library gives: the same values, or an error with the same text."""

from __future__ import annotations

from pathlib import Path

import pytest
from lupa import lua55

import sandbox.runtime

CASES = 110_000
CHUNKS = 10
MATCHER = Path(sandbox.runtime.HERE) / "matcher.lua"

HARNESS = b"""
local source, seed, cases = ...
local K = { charge = function() end, where = function() return "" end }
assert(load(source, "=matcher", "t"))(K)
local M, S, random = K.matcher, string, math.random
math.randomseed(seed)

local function pick(t)
  return t[random(#t)]
end

local LETTERS = {
  "a", "a", "b", "c", "1", " ", "(", ")", "x", ".", "%", "^", "$", "-", "]", "[", "\\0", "\\255", "A", "\\n",
}
local CLASSES = {
  "a", "b", "c", ".", "%a", "%d", "%s", "%w", "%p", "%u", "%l", "%c", "%x", "%g", "%A", "%S", "%.",
  "%%", "%(", "%]", "%-", "%^", "%$", "%z",
  "[ab]", "[^a]", "[a-c]", "[^%w]", "[%a1]", "[]a]", "[^]]", "[a-]", "[-a]", "[%-a]", "[a-c1-9]", "[%]]", "[.]",
  "[ab%d]", "[^%s%d]", "\\0", "\\255", "^", "$",
  "[%a-z]", "[a-%a]", "[z-a]", "[]", "[^]", "[a", "[%", "%", "%9", "%0",
}
local SUFFIXES = { "", "", "", "", "*", "+", "-", "?" }

local function subject()
  local t = {}
  for i = 1, random(0, 12) do
    t[i] = pick(LETTERS)
  end
  return table.concat(t)
end

local pattern

local function item(depth)
  local kind = random(26)
  if kind == 1 then
    return "()"
  elseif kind <= 5 and depth < 3 then
    return "(" .. pattern(depth + 1) .. ")"
  elseif kind == 6 then
    return "%b" .. pick(LETTERS) .. pick(LETTERS)
  elseif kind == 7 then
    return "%f" .. pick { "[%w]", "[^%w]", "[a]", "[%z]", "[^\\0]", "a", "", "[" }
  elseif kind == 8 then
    return "%" .. random(0, 3)
  elseif kind == 9 then
    return pick { "(", ")", "%", "[", "]", "%b", "%b(", "%f", "*", "+", "-", "?", "^", "$" }
  end
  return pick(CLASSES) .. pick(SUFFIXES)
end

pattern = function(depth)
  local t = {}
  for i = 1, random(0, 4) do
    t[i] = item(depth)
  end
  return table.concat(t)
end

local REPLACEMENTS = {
  "", "x", "<%0>", "%1", "%2", "%1%1", "%%", "%", "%x", "a%0b%1c", 5, { a = "A", b = false, ab = 7 }, { a = true }, {},
  function() end, function(...) return (...) end, function() return false end, function() return {} end,
  function(a, b) return b end, function(a) return #tostring(a) end,
}

local function run(library, name, ...)
  if name ~= "gmatch" then
    return table.pack(pcall(library[name], ...))
  end
  local ok, step = pcall(library.gmatch, ...)
  if not ok then
    return table.pack(ok, step)
  end
  local found = { true }
  for _ = 1, 40 do
    local values = table.pack(pcall(step))
    if values[1] and values[2] == nil then
      break
    end
    for i = 1, values.n do
      found[#found + 1] = type(values[i]) .. " " .. tostring(values[i])
    end
    if not values[1] then
      found[#found] = (S.gsub(tostring(values[2]), "^[^:]*:%d+: ", ""))
      break
    end
  end
  return table.pack(table.unpack(found))
end

local function plain(result)
  if not result[1] then
    return "error: " .. S.gsub(tostring(result[2]), "^[^:]*:%d+: ", "")
  end
  local t = {}
  for i = 2, result.n do
    t[#t + 1] = type(result[i]) .. ":" .. S.format("%q", result[i])
  end
  return table.concat(t, ", ")
end

local NAMES = { "find", "match", "gmatch", "gsub" }
local INITS = { 1, 1, 1, 2, 3, 0, -1, -3, 7, 20, -20 }
local errors, matches, differences = 0, 0, {}
for case = 1, cases do
  local s, name = subject(), pick(NAMES)
  local p = (random(5) == 1 and "^" or "") .. pattern(0) .. (random(6) == 1 and "$" or "")
  local x, y
  if name == "gsub" then
    x, y = pick(REPLACEMENTS), pick { false, false, false, 0, 1, 2, -1 } or nil
  elseif random(2) == 1 then
    x = pick(INITS)
  end
  local real, metered = run(S, name, s, p, x, y), run(M, name, s, p, x, y)
  local a, b = plain(real), plain(metered)
  if a ~= b and #differences < 5 then
    local call = S.format("%s(%q, %q, %s, %s)", name, s, p, tostring(x), tostring(y))
    differences[#differences + 1] = S.format("%s: real %s; metered %s", call, a, b)
  end
  if not real[1] then
    errors = errors + 1
  elseif real[2] ~= nil then
    matches = matches + 1
  end
end
return table.concat(differences, "\\n"), errors, matches
"""


def run_cases(source: bytes, seed: int, cases: int) -> tuple[bytes, int, int]:
    """Texts of the first differences, how many cases raised and how many found something."""
    runtime = lua55.LuaRuntime(register_eval=False, register_builtins=False, encoding=None)
    differences, errors, matches = runtime.execute(HARNESS, source, seed, cases)
    return differences, errors, matches


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_the_metered_matcher_agrees_with_the_real_one(seed: int) -> None:
    cases = CASES // CHUNKS
    differences, errors, matches = run_cases(MATCHER.read_bytes(), seed, cases)
    assert differences.decode("latin-1") == ""
    assert cases * 0.02 < errors < cases * 0.7
    assert matches > cases * 0.1


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"DEPTH_MAX = 180", b"DEPTH_MAX = 4"),
        (b"si + length <= #s + 1", b"si + length <= #s"),
        (b"depth == 0", b"depth == 1"),
    ],
    ids=["depth", "back reference", "balance"],
)
def test_a_changed_matcher_is_found_out(right: bytes, wrong: bytes) -> None:
    source = MATCHER.read_bytes()
    assert right in source
    assert run_cases(source.replace(right, wrong), 1, CASES // CHUNKS)[0] != b""
