-- Profile: which handler of the creator uses what, and on which lines. Only in a "prof" state, before the entry. Handlers are
-- told by wrapping what the creator declares; lines by a look at the stack every so many instructions of Lua.
local K = ...
local next, type, getmetatable = next, type, debug.getmetatable
local getinfo, getupvalue, sethook, create = debug.getinfo, debug.getupvalue, debug.sethook, coroutine.create

local STEP = 100 -- instructions of Lua between two looks
local RUNS_MAX, LINES_MAX = 64, 256
local FREE = 1 << 40

local runs, run_count = {}, 0 -- handlers of this batch: { label, file, line, instructions }
local lines, line_count = {}, 0 -- "file:line" -> looks that found it, of this batch
local active, left_before -- the handler that runs, and what was left of the budget when it began
local asked, reporting = false, false -- a report is a batch that leaves the store's times and the budgets as they are

local function is_ours(info)
  return info.what == "C" or info.source == "=?"
end

local function finish_handler()
  if active then
    active[4] = left_before - K.left()
    active = nil
  end
end

local function start(label, file, line)
  finish_handler()
  active, left_before = { label, file, line, 0 }, K.left()
  if run_count < RUNS_MAX then
    run_count = run_count + 1
    runs[run_count] = active
  end
end

-- Whether a function of the creator is on the stack: then a handler was called by another and counts as part of it.
local function is_inside()
  local level = 3
  local info = getinfo(level, "S")
  while info do
    if not is_ours(info) then
      return true
    end
    level = level + 1
    info = getinfo(level, "S")
  end
  return false
end

local function watched(label, fn)
  if type(fn) ~= "function" then
    return fn
  end
  local info = getinfo(fn, "S")
  return function(...)
    if not is_inside() then
      start(label, info.short_src, info.linedefined)
    end
    return fn(...)
  end
end

local function note_line()
  local level = 2
  local info = getinfo(level, "Sl")
  while info and is_ours(info) do
    level = level + 1
    info = getinfo(level, "Sl")
  end
  if info then
    local key = info.short_src .. ":" .. info.currentline
    if not lines[key] then
      if line_count >= LINES_MAX then
        return
      end
      line_count = line_count + 1
    end
    lines[key] = (lines[key] or 0) + 1
  end
end

function coroutine.create(f) -- before the chunk that guards coroutines takes it
  local thread = create(f)
  sethook(thread, note_line, "", STEP)
  return thread
end

local function watch_on(prefix, on)
  return function(event, fn)
    return on(event, watched(prefix .. K.env.tostring(event), fn))
  end
end

local function watch_method(prefix, methods)
  local on = methods.on
  function methods.on(handle, event, fn)
    return on(handle, event, watched(prefix .. K.env.tostring(event), fn))
  end
end

local function watch_timer(name, timer)
  return function(seconds, fn, owner)
    return timer(seconds, watched(name, fn), owner)
  end
end

-- The methods behind a handle: its __index, or a table that this function keeps.
local function methods_of(handle)
  local index = getmetatable(handle).__index
  if type(index) == "table" then
    return index
  end
  local i, name, value = 1, getupvalue(index, 1)
  while name do
    if type(value) == "table" and type(value.on) == "function" then
      return value
    end
    i = i + 1
    name, value = getupvalue(index, i)
  end
end

-- Watches the `on` of handles that `make` gives, from the first one.
local function watch_handles(prefix, make)
  local done = false
  return function(t)
    local handle = make(t)
    if not done then
      done = true
      watch_method(prefix, methods_of(handle))
    end
    return handle
  end
end

local on_first_use = {
  api_world = function(mall)
    mall.world.spawn = watch_handles("", mall.world.spawn)
  end,
  api_match = function(mall)
    mall.match.define = watch_handles("match ", mall.match.define)
  end,
  api_bus = function(mall)
    mall.bus.on = watch_on("bus ", mall.bus.on)
  end,
  api_store = function()
    local snapshot = K.snapshot
    function K.snapshot()
      return reporting and "" or snapshot()
    end
  end,
}

local mall, use = K.mall, K.use
mall.on = watch_on("", mall.on)
mall.after, mall.every = watch_timer("after", mall.after), watch_timer("every", mall.every)

local begin, finish, new_batch = K.begin, K.finish, K.new_batch

function K.begin(instructions, allowed, cpu_s, what)
  if reporting then
    begin(FREE, FREE, cpu_s)
    return
  end
  begin(instructions, allowed, cpu_s, what)
  if what == "load" then
    start("load", "", 0)
  end
  sethook(note_line, "", STEP)
end

function K.finish(message)
  sethook()
  finish_handler()
  local used, fatal = finish(message)
  return reporting and 0 or used, fatal
end

function K.new_batch(...)
  reporting, asked = asked, false
  return new_batch(...)
end

function K.use(name)
  local fresh = K.chunks[name]
  use(name)
  if name == "handover" then
    asked = true
  elseif fresh and on_first_use[name] then
    on_first_use[name](mall)
  end
end

-- Instead of the value for the next state: what was noted since the last time.
function K.ask_handler()
  local report = { runs, lines }
  runs, run_count, lines, line_count = {}, 0, {}, 0
  return report
end
