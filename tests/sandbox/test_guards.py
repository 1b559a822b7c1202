"""Creators' code cannot run, fill or hide beyond its budget."""

from __future__ import annotations

import pytest

from sandbox.events import Chat, Enter, Input, Start
from sandbox.limits import Limits

RUNAWAYS = {
    "plain": "while true do end",
    "pcall": "while true do pcall(function() while true do end end) end",
    "xpcall handler": "while true do xpcall(error, function() while true do end end) end",
    "coroutine": "coroutine.wrap(function() while true do end end)()",
    "coroutine in pcall": "while true do pcall(coroutine.wrap(function() while true do end end)) end",
    "many coroutines": "while true do coroutine.wrap(function() end)() end",
    "close in coroutine": "local m = {__close = function() while true do end end} local c = coroutine.create(function()"
    " local x <close> = setmetatable({}, m) coroutine.yield() end) coroutine.resume(c)"
    " while true do pcall(coroutine.close, c) end",
    "sort comparator": "table.sort({3, 2, 1}, function() while true do end end)",
    "gsub callback": "string.gsub('abc', '.', function() while true do end end)",
    "nested pattern": "local s = string.rep('a', 300) string.find(s, string.rep('a-', 12) .. 'b')",
    "balanced pattern": "local s = string.rep('(', 20000) while true do string.find(s, '%b()') end",
    "tostring": "tostring(setmetatable({}, {__tostring = function() while true do end end}))",
    "index": "local x = setmetatable({}, {__index = function() while true do end end}).y",
    "pairs": "for _ in pairs(setmetatable({}, {__pairs = function() while true do end end})) do end",
    "close": "local x <close> = setmetatable({}, {__close = function() while true do end end}) error('x')",
    "recursion in pcall": "local function f() pcall(f) f() end f()",
    "rep": "while true do string.rep('x', 100000) end",
    "move": "local t = table.move({1}, 1, 1, 2) while true do table.move(t, 1, 999999, 2, {}) end",
    "load": "while true do load('return 1') end",
    "api": "while true do pcall(mall.world.spawn, {}) end",
    "error objects": "local m = {__tostring = function() while true do end end}"
    " while true do pcall(error, setmetatable({}, m)) end",
}


@pytest.mark.parametrize("source", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_a_runaway_event_is_stopped_and_the_state_goes_on(game, source) -> None:
    one = game(f"mall.on('input', function() {source} end) mall.on('chat', function(p, x) mall.log(x) end)")
    one.tell(Enter(1, "Ada"))
    one.tell(Input(1, "go"))
    assert [fault.code for fault in one.faults] == ["sandbox.budget_exceeded"]
    one.now += 10
    one.tell(Chat(1, "still here"))
    assert one.logs() == ["still here"]


@pytest.mark.parametrize("source", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_a_runaway_load_is_stopped(game, source) -> None:
    one = game(source, limits=Limits(load_instructions=2_000_000, load_cpu_s=0.2))
    assert one.faults[0].code in ("sandbox.budget_exceeded", "sandbox.memory_exceeded")


def test_a_budget_fault_names_file_line_limit_and_use(game) -> None:
    one = game("mall.on('start', function()\n  while true do\n  end\nend)", limits=Limits(event_cpu_s=5.0))
    one.tell(Start())
    fault = one.faults[0]
    assert (fault.file, fault.limit, fault.event) == ("init.lua", 1_000_000, "start")
    assert fault.line in (2, 3)
    assert fault.used >= fault.limit


def test_sustained_work_is_stopped_though_each_event_is_allowed(game) -> None:
    one = game("mall.on('input', function() for i = 1, 800000 do end end)", limits=Limits(event_cpu_s=5.0))
    one.tell(Enter(1, "Ada"))
    codes = []
    for _ in range(6):
        one.tell(Input(1, "go"))
        codes += [fault.message for fault in one.faults]
    assert any("sustained" in message for message in codes)
    one.now += 2
    one.tell(Input(1, "go"))
    assert one.faults == ()


FILLERS = {
    "strings": "local t = {} while true do t[#t + 1] = string.rep('x', 10000) .. #t end",
    "in pcall": "local t = {} while true do pcall(function() t[#t + 1] = string.rep('x', 10000) .. #t end) end",
    "concat": "local s = 'x' while true do s = s .. s end",
    "tables": "local t = {} while true do t = {t, {}, {}, {}} end",
    "closures": "local t = {} for i = 1, 1e7 do t[i] = function() return i end end",
    "coroutines": "local t = {} for i = 1, 1e7 do t[i] = coroutine.create(print) end",
}


@pytest.mark.parametrize("source", FILLERS.values(), ids=FILLERS.keys())
def test_memory_is_capped_inside_the_state(game, source) -> None:
    big = Limits(event_instructions=1 << 40, second_instructions=1 << 40, event_cpu_s=20.0)
    one = game(f"mall.on('input', function() {source} end)", limits=big)
    one.tell(Enter(1, "Ada"))
    one.tell(Input(1, "go"))
    # a coroutine costs a thousand instructions, yet there is no end of them here
    assert [fault.code for fault in one.faults] == ["sandbox.memory_exceeded"]


def test_a_state_that_keeps_its_memory_full_is_closed(game) -> None:
    one = game(
        "keep = {} mall.on('input', function() for i = 1, 400 do keep[#keep + 1] = string.rep('x', 10000) .. i end end)"
    )
    one.tell(Enter(1, "Ada"))
    for _ in range(10):
        one.tell(Input(1, "go"))
        assert [fault.code for fault in one.faults] == ["sandbox.memory_exceeded"]
        if not one.result.alive:
            break
    assert not one.result.alive
    one.tell(Input(1, "go"))
    assert [fault.code for fault in one.faults] == ["sandbox.state_gone"]


ABSENT = "io debug package collectgarbage dofile loadfile python warn"


@pytest.mark.parametrize("name", ABSENT.split())
def test_what_could_lead_out_is_not_there(game, name) -> None:
    assert game(f"assert({name} == nil) assert(_G.{name} == nil) assert(_ENV.{name} == nil)").faults == ()


ESCAPES = {
    "bytecode by load": "assert(load('\\27Lua') == nil)",
    "dump": "assert(string.dump == nil and ('').dump == nil)",
    "real globals by load": "local g = load('return _G')() assert(g == _G and g.io == nil)",
    "string metatable": "assert(getmetatable('') == false)",
    "handle metatable": "assert(getmetatable(mall.world.spawn { at = {1, 0, 1} }) == false)",
    "gc in setmetatable": "assert(not pcall(setmetatable, {}, {__gc = print}))",
    "gc added later": "local m = {} setmetatable({}, m) assert(not pcall(function() m.__gc = print end))",
    "gc by rawset": "local m = {} setmetatable({}, m) assert(not pcall(rawset, m, '__gc', print))",
    "weak keys": "assert(not pcall(setmetatable, {}, {__mode = 'k'}))",
    "addresses": "assert(tostring({}):find('^table: #%d+$')) assert(not pcall(string.format, '%p', {}))",
    "addresses by %s": "assert(string.format('%s', {}):find('^table: #%d+$'))",
    "require upwards": "assert(not pcall(require, '../secret')) assert(not pcall(require, 'os'))",
    "settings": "assert(not pcall(function() mall.settings.round = 1 end)) assert(mall.settings.round == 30)",
    "clock": "assert(os.time() == 1000 and os.clock() == 1000.0 and os.getenv == nil and os.execute == nil)",
    "forged budget error": "local ok, e = pcall(error, 'sandbox.budget_exceeded: no') assert(not ok)",
}


@pytest.mark.parametrize("source", ESCAPES.values(), ids=ESCAPES.keys())
def test_an_escape_is_closed(game, source) -> None:
    assert game(source).faults == ()


def test_work_at_the_end_of_the_c_stack_is_counted_too(game) -> None:
    # the hook cannot be called there; each failure of it is an error, which a protected call catches
    deep = """
    mall.on("input", function()
      local function work() for i = 1, 5000 do end end
      local t = {}
      setmetatable(t, { __index = function(_, n)
        local ok = pcall(function() return t[n + 1] end)
        while true do pcall(work) end
      end })
      local x = t[1]
    end)"""
    one = game(deep)
    one.tell(Enter(1, "Ada"))
    one.tell(Input(1, "go"))
    assert [fault.code for fault in one.faults] == ["sandbox.budget_exceeded"]


def test_what_waits_to_be_closed_in_a_stopped_coroutine_never_runs(game) -> None:
    one = game("""
    local co
    mall.on("start", function()
      co = coroutine.create(function()
        local x <close> = setmetatable({}, { __close = function() mall.log("closed") end })
        while true do end
      end)
      coroutine.resume(co)
    end)
    mall.on("enter", function() mall.log(coroutine.close(co)) end)
    """)
    one.tell(Start())
    assert one.faults[0].code == "sandbox.budget_exceeded"
    one.now += 10
    one.tell(Enter(1, "Ada"))
    assert len(one.logs()) == 1
    assert one.logs()[0].startswith("false\t")


def test_the_handler_of_xpcall_does_not_run_uncounted_at_the_end_of_the_c_stack(game) -> None:
    one = game("""
    local function deep(n)
      for i = 1, 400 do end
      xpcall(deep, function(e) for i = 1, 3000000 do end mall.log("ran") return e end, n + 1)
    end
    mall.on("start", function() pcall(deep, 1) mall.log("after") end)
    """)
    one.tell(Start())
    assert one.logs() == ["after"]  # there no handler can be called either
