-- Profile: which handler of the creator uses what, and on which lines. The first file of a "prof" state only: it takes the
-- place of debug.sethook before the budget keeps it, so that each hook of the budget also counts here. Handlers are told by
-- wrapping what the creator declares.
local K = ...
local next, type, getmetatable = next, type, debug.getmetatable
local getinfo, getupvalue, sethook = debug.getinfo, debug.getupvalue, debug.sethook

local STEP = 50 -- instructions between two counts
local COUNTED = 48 -- those of them that are the game's: Lua counts the end of the hook, too
local LINE_STEPS = 2 -- every so many counts the line is noted
local RUNS_MAX, LINES_MAX = 64, 256
local FREE = 1 << 40

local runs, run_count = {}, 0 -- handlers of this batch: { label, file, line, instructions }
local lines, line_count = {}, 0 -- "file:line" -> instructions, of this batch
local active -- the handler that runs
local steps = 0
local asked, reporting = false, false -- a report is a batch that leaves the store's times and the budgets as they are
local installed = false
local rewatch -- sets the hook of the running thread anew, so that what was done here is not counted

local function is_ours(info)
  return info.what == "C" or info.source == "=?"
end

local function start(label, file, line)
  active = { label, file, line, 0 }
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
      rewatch()
    end
    return fn(...)
  end
end

local function note_line(instructions)
  local level = 3
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
    lines[key] = (lines[key] or 0) + instructions
  end
end

local function watcher(hook, every)
  local passed = 0
  local function watch(kind)
    if active then
      active[4] = active[4] + COUNTED
    end
    steps = steps + 1
    if steps % LINE_STEPS == 0 then
      note_line(COUNTED * LINE_STEPS)
    end
    passed = passed + COUNTED
    if passed >= every then
      passed = 0
      return hook(kind) -- as a tail call, so that it sees the same levels of the stack as without us
    end
    sethook(watch, "", STEP)
  end
  return watch
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

local function install_budget()
  local begin, finish, new_batch = K.begin, K.finish, K.new_batch
  function K.begin(instructions, allowed, cpu_s, what)
    if reporting then
      begin(FREE, FREE, cpu_s)
    else
      begin(instructions, allowed, cpu_s, what)
    end
  end
  K.finish = K.trust(function(message)
    local used, fatal = finish(message)
    active = nil
    return reporting and 0 or used, fatal
  end)
  function K.new_batch(...)
    reporting, asked = asked, false
    return new_batch(...)
  end
end

-- Once all files have run.
local function install()
  installed = true
  local mall, use = K.mall, K.use
  mall.on = watch_on("", mall.on)
  mall.after, mall.every = watch_timer("after", mall.after), watch_timer("every", mall.every)
  install_budget()
  function K.use(name)
    local fresh = K.chunks[name]
    use(name)
    if name == "handover" then
      asked = true
    elseif fresh and on_first_use[name] then
      on_first_use[name](mall)
    end
  end
  -- instead of the value for the next state: what was noted since the last time
  function K.ask_handler()
    local report = { runs, lines }
    runs, run_count, lines, line_count, active = {}, 0, {}, 0, nil
    return report
  end
  start("load", "", 0)
end

function debug.sethook(thread, hook, mask, every)
  if thread == nil then
    sethook()
  elseif type(thread) == "thread" then
    sethook(thread, watcher(hook, every), mask, STEP)
  else
    hook, mask, every = thread, hook, mask
    if not installed then
      install()
    end
    local watch = watcher(hook, every)
    function rewatch()
      sethook(watch, "", STEP)
    end
    sethook(watch, "", STEP)
  end
end
