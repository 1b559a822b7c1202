-- Budget: counts the instructions and the CPU time of creators' code and stops it for good when one is spent.
-- A spent budget is "fatal": every guarded pcall, coroutine and error call raises it again, so nothing can catch it.
local K = ...
local error, pcall, type, tostring, select, s_sub = error, pcall, type, tostring, select, string.sub
local load_chunk, setmetatable, rawget, next = load, setmetatable, rawget, next
local sethook, getinfo, clock = debug.sethook, debug.getinfo, os.clock
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local collect = collectgarbage

local QUANTUM = K.limits.quantum
local TEXT_MAX = 2048
local LEVELS_MAX = 30
local NUMERAL_MAX = 64
local ROOM = 200000 -- bytes
local LOOK_EVERY = 3 -- hooks between two looks at the clock of the CPU, which is slow to read
local LOOK_AT = 20000 -- instructions booked for C calls that are a reason to look at once
local SLICE = 0.002 -- where more CPU than this passed between two looks, the clock is read at each hook
local ROOMY = 128 -- KiB; who holds more may hold long texts, on which operators are slow, so the clock is read at each hook

local left, granted = 0, 0
local deadline, last_look, looks, booked = nil, nil, 0, 0
local instruction_limit, cpu_limit, unit = 0, 0, "event"
local run, cut_run, cut_left = 0, nil, nil -- a replay stops where the recorded run was stopped
local fatal -- nil or the record of what stopped the run
local fatal_text -- the very string that is raised
local trusted = {} -- our own functions that must run after the creator's code was stopped
local loading = false -- a chunk of ours is being run and must be run whole
local memory_base, memory_limit -- KiB, with the sandbox's own part; known when the state is made

-- The place in the creator's code that is running now, as "file:line: ", or "". Our own chunks are stripped: source "=?".
-- After tail calls a stack may be all ours, and a look at each level walks there from the top; so few are looked at.
function K.where(level)
  for i = level + 1, level + LEVELS_MAX do
    local info = getinfo(i, "Sl")
    if not info then
      return ""
    elseif info.what ~= "C" and info.source ~= "=?" then
      return info.short_src .. ":" .. info.currentline .. ": "
    end
  end
  return ""
end

-- Raises "file:line: code: text" with the place of the creator's call.
function K.raise(code, text)
  K.raised = K.where(2) .. code .. ": " .. text -- only what was raised here is believed to be a code
  error(K.raised, 0)
end

-- `run` and `left` tell a replay at which point to stop again; memory is told by a negative run.
local function stop(code, text, limit, used, level, at_run)
  if not fatal then
    local where = level and K.where(level + 1) or ""
    fatal_text = where .. code .. ": " .. text
    fatal = { code = code, text = text, limit = limit, used = used, where = where, run = at_run, left = left }
  end
end

local function stop_budget(level)
  if left <= 0 then
    if instruction_limit > granted then
      local rate = K.limits.second_instructions
      stop("sandbox.budget_exceeded", rate .. " instructions per second, sustained", rate, granted - left, level + 1, run)
    else
      stop("sandbox.budget_exceeded", instruction_limit .. " instructions per " .. unit, instruction_limit, granted - left, level + 1, run)
    end
  else
    local used = cut_run and cpu_limit or clock() - deadline + cpu_limit
    stop("sandbox.budget_exceeded", (cpu_limit * 1000) // 1 .. " ms of CPU per " .. unit, cpu_limit, used, level + 1, run)
  end
end

local function stop_memory(level, at_run)
  local limit, used = K.limits.memory_bytes, K.limits.memory_bytes
  if level then
    used = (collect "count" - memory_limit) * 1024 // 1 | 0
    used = used > 0 and limit + used or limit
  end
  stop("sandbox.memory_exceeded", limit // 1024 .. " KiB of memory", limit, used, level and level + 1, at_run)
end

-- Whether CPU time is spent. A run begins without a look, as most runs end before the first.
local function late()
  if cut_run then
    return left <= cut_left and run == cut_run
  end
  looks = looks - 1
  if looks > 0 then
    return false
  end
  local now = clock()
  deadline = deadline or now + cpu_limit
  looks = last_look and now - last_look > SLICE and 1 or LOOK_EVERY
  last_look = now
  return now > deadline
end

-- Live memory above the limit. The allocator's own limit is higher, so that it is hardly ever met: at its edge each
-- allocation would collect all garbage anew.
local function full()
  if cut_run then
    return left <= cut_left and run == -cut_run
  end
  local used = collect "count"
  if used <= memory_limit then
    if looks > 1 and used > memory_base + ROOMY then
      looks = 1
    end
    return false
  end
  collect "collect"
  looks = 1 -- that was slow
  return collect "count" > memory_limit
end

-- The clock and the memory are asked in a coroutine of ours: Lua counts instructions for each thread, so these, which differ
-- from run to run and are none in a replay, do not shift the points at which the hook comes.
local function ask()
  while true do
    yield(full() and "memory" or late() and "clock")
  end
end

local asker = create(ask)

-- Stops the run if something is spent. Called at points that are the same in each replay, as they hang on instructions alone;
-- a replay asks neither clock nor memory, but stops where the recorded run was stopped.
local function check(level)
  if left <= 0 then
    stop_budget(level + 1)
    return
  end
  local ok, why = resume(asker)
  if why then
    if not ok then
      if status(asker) ~= "dead" then
        return -- at the end of the C stack nothing can be asked; the next error or hook asks again
      end
      asker = create(ask)
      why = "memory"
    end
    if why == "memory" then
      stop_memory(level + 1, cut_run or -run)
    else
      stop_budget(level + 1)
    end
  end
end

-- Instructions are booked ahead: when the hook comes, those up to its next coming. What it does when nothing is spent must
-- always be the same number of instructions, as Lua counts these too.
local function hook()
  left = left - QUANTUM
  if not loading then
    if not fatal then
      check(2)
    end
    if fatal then
      if trusted[getinfo(2, "f").func] then
        return
      end
      sethook(hook, "", 1)
      error(fatal_text, 0)
    end
  end
end

-- Books work that C does in one call, where the hook cannot look: one instruction for about 50 ns. A NaN or a negative figure
-- must never refund.
function K.charge(instructions)
  if not (instructions > 0) then
    return
  end
  instructions = instructions < 1 << 40 and instructions // 1 | 0 or 1 << 40
  left = left - instructions
  booked = booked + instructions
  if loading or left > 0 and booked < LOOK_AT then
    return
  end
  booked, looks = 0, 1
  check(2)
  if fatal then
    error(fatal_text, 0)
  end
end

-- C builds long texts in memory that it asks for without collecting garbage first, so there must be room before.
function K.room(bytes)
  if bytes > ROOM then
    collect "collect"
  end
end

-- C reads a text as a number wherever it wants one, digit by digit; so no long text may come where a number belongs.
function K.short(value, level)
  if type(value) == "string" and #value > NUMERAL_MAX then
    error("a text of " .. #value .. " bytes cannot be taken as a number", level or 3)
  end
  return value
end

-- The same for all arguments of a function.
function K.all_short(...)
  for i = 1, select("#", ...) do
    K.short((select(i, ...)), 4)
  end
end

function K.watch(thread)
  sethook(thread, hook, "", QUANTUM)
end

-- Starts a budget. `allowed` may be less than `instructions` when the sustained allowance is nearly used up.
function K.begin(instructions, allowed, cpu_s, what)
  instruction_limit, cpu_limit, unit = instructions, cpu_s, what or "event"
  granted = allowed < instructions and allowed or instructions
  left = granted - QUANTUM
  K.depth = 0 -- of coroutines inside each other
  run = run + 1
  fatal, fatal_text = nil, nil
  deadline, last_look, looks, booked = nil, nil, LOOK_EVERY, 0
  sethook(hook, "", QUANTUM)
end

-- A new batch: runs are counted from here. A replay says where the recorded batch was cut: the run, and what it had left.
-- With a cut (0, 0) no run is cut and no clock is asked.
function K.new_batch(recorded_run, recorded_left)
  run, cut_run, cut_left, loading = 0, recorded_run, recorded_left, false
end

-- Runs a chunk of ours on its first use. It must run whole: nothing but the end of memory may stop it, and then it is run
-- anew at the next use.
function K.use(name)
  local chunk = K.chunks[name]
  if not chunk then
    return
  end
  local outer = loading
  loading = true
  local ok, problem = pcall(function()
    load_chunk(chunk, "=?", "b", K.raw)(K)
  end)
  loading = outer
  if not ok then
    error(problem, 0)
  end
  K.chunks[name] = nil
end

local uses = {} -- table -> field -> the chunk that sets it

local use_meta = {
  __index = function(t, key)
    local name = uses[t][key]
    if name then
      K.use(name)
      return rawget(t, key)
    end
  end,
  __pairs = function(t)
    for _, name in next, uses[t] do
      K.use(name)
    end
    return K.step, t, nil
  end,
  __metatable = false,
}

-- Loads a chunk when one of these fields of `t` is first asked for.
function K.on_use(t, fields)
  uses[t] = fields
  return setmetatable(t, use_meta)
end

local MEMORY_MESSAGE = "not enough memory"

-- The last step of making a state: what is used now is the sandbox's own part.
function K.limit_memory()
  memory_base = collect "count"
  memory_limit = memory_base + K.limits.memory_bytes / 1024
end

-- Ends it. Returns the instructions used and the fatal record, if any.
function K.finish(message)
  sethook()
  if message == MEMORY_MESSAGE then
    stop_memory(nil, 0)
  end
  return granted - left, fatal
end

function K.is_fatal()
  return fatal ~= nil
end

function K.trust(f)
  trusted[f] = true
  return f
end
trusted[K.finish] = true
trusted[K.is_fatal] = true

-- What every guarded protected call does with its results. At the end of the C stack the hook itself fails, so that up to
-- a quantum goes uncounted with each error; a caught error is therefore booked as one.
local function recheck(ok, value, ...)
  if not ok then
    left = left - QUANTUM
    if value == MEMORY_MESSAGE then
      stop_memory(nil, 0) -- at the allocator's limit, which a replay meets by itself
    elseif not fatal then
      check(2)
    end
  end
  if fatal then
    error(fatal_text, 0)
  end
  return ok, value, ...
end
K.recheck = recheck

local env = K.env

function env.pcall(f, ...)
  return recheck(pcall(f, ...))
end

local function handled(handler, ok, value, ...)
  if ok then
    return true, value, ...
  end
  local _, answer = recheck(pcall(handler, value))
  return false, answer
end

-- The handler is called when the error was caught: at the end of the C stack, where an error may have come from, no hook runs.
function env.xpcall(f, handler, ...)
  if type(handler) ~= "function" then
    error("bad argument #2 to 'xpcall' (function expected)", 2)
  end
  return handled(handler, recheck(pcall(f, ...)))
end

function env.error(message, level)
  if fatal then
    error(fatal_text, 0)
  end
  if level == nil then
    level = 1
  end
  if type(message) == "string" and #message > TEXT_MAX then
    message = s_sub(message, 1, TEXT_MAX)
  end
  error(message, (type(level) == "number" and level > 0) and level + 1 or 0)
end

function env.assert(value, message, ...)
  if value then
    return value, message, ...
  end
  if message == nil then
    message = "assertion failed!"
  end
  env.error(message, 0)
end

-- An error value as a short string, without running creators' code.
function K.plain_error(value)
  local kind = type(value)
  if kind == "string" then
    return s_sub(value, 1, TEXT_MAX)
  elseif kind == "number" then
    return tostring(value)
  end
  return "(error object is a " .. kind .. " value)"
end
