-- Profile: which handler of the creator uses what, and on which lines. The first file of a "prof" state only: it takes the
-- place of debug.sethook before the budget keeps it, so that each hook of the budget also counts here.
-- A handler begins where our code calls a function of the creator while none of theirs is on the stack.
local K = ...
local next, type, s_find, s_match, getmetatable = next, type, string.find, string.match, debug.getmetatable
local getinfo, sethook = debug.getinfo, debug.sethook

local STEP = 10 -- instructions between two counts
local LINE_STEPS = 10 -- every so many counts the line is noted
local RUNS_MAX, LINES_MAX = 64, 256

local runs, run_count = {}, 0 -- handlers of this batch: { label, file, line, instructions }
local lines, line_count = {}, 0 -- "file:line" -> instructions, of this batch
local active, event, running, installed = nil, "load", false, false
local labels = {} -- function -> what it handles
local steps = 0
local reporting = false -- a report must leave the store's own times as they are

local function is_ours(info)
  return info.what == "C" or info.source == "=?"
end

-- A function of the creator was called: is it a handler, or called by one?
local function called()
  local info = getinfo(3, "S")
  if is_ours(info) then
    return
  end
  local level = 4
  local above = getinfo(level, "S")
  while above do
    if not is_ours(above) then
      return
    end
    level = level + 1
    above = getinfo(level, "S")
  end
  info = getinfo(3, "Sf")
  active = { labels[info.func] or event, info.short_src, info.linedefined, 0 }
  if run_count < RUNS_MAX then
    run_count = run_count + 1
    runs[run_count] = active
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
  return function(kind)
    if kind ~= "count" then
      called()
      return
    end
    if active then
      active[4] = active[4] + STEP
    end
    steps = steps + 1
    if steps % LINE_STEPS == 0 then
      note_line(STEP * LINE_STEPS)
    end
    passed = passed + STEP
    if passed >= every then
      passed = 0
      return hook(kind) -- as a tail call, so that it sees the same levels of the stack as without us
    end
  end
end

local function named(prefix, on)
  return function(first, second, third)
    if type(third) == "function" then -- kind:on(event, fn)
      labels[third] = prefix .. K.env.tostring(second)
    elseif type(second) == "function" then
      labels[second] = prefix .. K.env.tostring(first)
    end
    return on(first, second, third)
  end
end

local function named_timer(name, timer)
  return function(seconds, fn, owner)
    if type(fn) == "function" then
      labels[fn] = name
    end
    return timer(seconds, fn, owner)
  end
end

-- Once all files have run: gives the creator's functions the names of what they handle.
local function install()
  installed = true
  local mall, decode, new_batch, use = K.mall, K.decode, K.new_batch, K.use
  mall.on = named("", mall.on)
  mall.after, mall.every = named_timer("after", mall.after), named_timer("every", mall.every)
  function K.decode(blob, at)
    local value, after = decode(blob, at)
    if not running and type(value) == "table" and type(value[1]) == "table" then
      event = value[1][1]
    end
    return value, after
  end
  function K.new_batch(...)
    event, reporting = "timer", false
    return new_batch(...)
  end
  function K.use(name)
    local fresh = K.chunks[name]
    use(name)
    if name == "api_store" and fresh then
      local snapshot = K.snapshot
      function K.snapshot()
        return reporting and "" or snapshot()
      end
    elseif name == "api_match" and fresh then
      local define, wrapped = mall.match.define, false
      function mall.match.define(t)
        local kind = define(t)
        if not wrapped then
          wrapped = true
          local methods = getmetatable(kind).__index
          methods.on = named("match ", methods.on)
        end
        return kind
      end
    end
  end
  -- instead of the value for the next state: what was noted since the last time
  function K.ask_handler()
    local report = { runs, lines }
    reporting = true
    runs, run_count, lines, line_count, active = {}, 0, {}, 0, nil
    return report
  end
end

function debug.sethook(thread, hook, mask, every)
  if thread == nil then
    active, running = nil, false
    sethook()
    return
  end
  if type(thread) ~= "thread" then
    hook, mask, every = thread, hook, mask
    if not installed then
      install()
    end
    running = true
    sethook(watcher(hook, every), "c", STEP)
  else
    sethook(thread, watcher(hook, every), "c", STEP)
  end
end
