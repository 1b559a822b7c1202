-- Budget: counts the instructions and the CPU time of creators' code and stops it for good when one is spent.
-- A spent budget is "fatal": every guarded pcall, coroutine and error call raises it again, so nothing can catch it.
local K = ...
local error, pcall, xpcall, type, tostring, s_sub = error, pcall, xpcall, type, tostring, string.sub
local load_chunk, setmetatable, rawget, next = load, setmetatable, rawget, next
local sethook, getinfo, clock = debug.sethook, debug.getinfo, os.clock

local QUANTUM = K.limits.quantum
local FIRST = QUANTUM < 100 and QUANTUM or 100 -- the first look comes early, so that small events are booked small
local TEXT_MAX = 2048

local CLOCK_EVERY = 20000 -- instructions between two looks at the clock of the CPU, which is slow to read

local left, granted, deadline = 0, 0, nil
local clock_at = 0 -- the clock is read when no more than this is left
local instruction_limit, cpu_limit = 0, 0
local run, cut_run, cut_left = 0, nil, nil -- a replay stops where the recorded run was stopped
local fatal -- nil or the record of what stopped the run
local fatal_text -- the very string that is raised
local trusted = {} -- our own functions that must run after the creator's code was stopped
local loading = false -- a chunk of ours is being run and must be run whole

-- The place in the creator's code that is running now, as "file:line: ", or "". Our own chunks are stripped: source "=?".
function K.where(level)
  local info
  level = level + 1
  repeat
    info = getinfo(level, "Sl")
    level = level + 1
  until not info or (info.what ~= "C" and info.source ~= "=?")
  return info and info.short_src .. ":" .. info.currentline .. ": " or ""
end

local function stop(code, text, limit, used, level)
  if not fatal then
    local where = level and K.where(level + 1) or ""
    fatal_text = where .. code .. ": " .. text
    fatal = { code = code, text = text, limit = limit, used = used, where = where, run = run, left = left }
  end
end

local function spent(level)
  if left <= 0 then
    if instruction_limit > granted then
      local rate = K.limits.second_instructions
      stop("sandbox.budget_exceeded", rate .. " instructions per second, sustained", rate, granted - left, level + 1)
    else
      stop("sandbox.budget_exceeded", instruction_limit .. " instructions per event", instruction_limit, granted - left, level + 1)
    end
  else
    local used = cut_run and cpu_limit or clock() - deadline + cpu_limit
    stop("sandbox.budget_exceeded", (cpu_limit * 1000) // 1 .. " ms of CPU per event", cpu_limit, used, level + 1)
  end
end

-- Whether the run is over: instructions are spent, or CPU time, or in a replay what was left when the run was cut. The
-- points at which this is asked are the same in each replay, as they hang on instructions alone.
local function over()
  if left <= 0 then
    return true
  elseif cut_run then
    return run == cut_run and left <= cut_left
  elseif left > clock_at then
    return false
  end
  clock_at = left - CLOCK_EVERY
  local now = clock()
  deadline = deadline or now + cpu_limit
  return now > deadline
end

-- Instructions are booked ahead: when the hook comes, those up to its next coming. It ends by setting itself anew: Lua counts
-- the instructions of the hook too, and they differ where a replay asks no clock.
local function hook()
  left = left - QUANTUM
  if not loading then
    if fatal == nil and over() then
      spent(2)
    end
    if fatal then
      if trusted[getinfo(2, "f").func] then
        return
      end
      sethook(hook, "", 1)
      error(fatal_text, 0)
    end
  end
  sethook(hook, "", QUANTUM)
end

-- Books work that C does in one call, where the hook cannot look. A NaN or a negative figure must never refund.
function K.charge(instructions)
  if not (instructions > 0) then
    return
  end
  left = left - instructions
  if left <= 0 and not loading then
    spent(2)
    error(fatal_text, 0)
  end
end

function K.watch(thread)
  sethook(thread, hook, "", QUANTUM)
end

-- Starts a budget. `allowed` may be less than `instructions` when the sustained allowance is nearly used up.
function K.begin(instructions, allowed, cpu_s)
  instruction_limit, cpu_limit = instructions, cpu_s
  granted = allowed < instructions and allowed or instructions
  left = granted - FIRST
  K.depth = 0 -- of coroutines inside each other
  run = run + 1
  fatal, fatal_text = nil, nil
  deadline, clock_at = nil, left - CLOCK_EVERY
  sethook(hook, "", FIRST)
end

-- A new batch: runs are counted from here. A replay says where the recorded batch was cut: the run, and what it had left.
-- With a cut (0, 0) no run is cut and no clock is asked.
function K.new_batch(recorded_run, recorded_left)
  run, cut_run, cut_left = 0, recorded_run, recorded_left
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
    return next, t, nil
  end,
  __metatable = false,
}

-- Loads a chunk when one of these fields of `t` is first asked for.
function K.on_use(t, fields)
  uses[t] = fields
  return setmetatable(t, use_meta)
end

local MEMORY_MESSAGE = "not enough memory"

local function memory_fault()
  local limit = K.limits.memory_bytes
  stop("sandbox.memory_exceeded", limit // 1024 .. " KiB of memory", limit, limit, nil)
end

-- Ends it. Returns the instructions used and the fatal record, if any.
function K.finish(message)
  sethook()
  if message == MEMORY_MESSAGE then
    memory_fault()
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
      memory_fault()
    elseif fatal == nil and over() then
      spent(2)
    end
    sethook(hook, "", QUANTUM) -- as in the hook
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

function env.xpcall(f, handler, ...)
  if type(handler) ~= "function" then
    error("bad argument #2 to 'xpcall' (function expected)", 2)
  end
  local busy = false
  return recheck(xpcall(f, function(value)
    if fatal or busy then -- creators' code must not run once the hook has fired
      return value
    end
    busy = true
    local result = handler(value)
    busy = false
    return result
  end, ...))
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
