-- Budget: counts the instructions and the CPU time of creators' code and stops it for good when one is spent.
-- A spent budget is "fatal": every guarded pcall, coroutine and error call raises it again, so nothing can catch it.
local K = ...
local error, pcall, xpcall, type, tostring, s_sub = error, pcall, xpcall, type, tostring, string.sub
local sethook, getinfo, clock = debug.sethook, debug.getinfo, os.clock

local QUANTUM = K.limits.quantum
local FIRST_QUANTUM = QUANTUM < 100 and QUANTUM or 100
local SMALLEST_QUANTUM = 50
local SLICE = 0.002 -- a quantum should cost less CPU than this; slow C calls make it shrink
local TEXT_MAX = 2048

local left, granted, deadline = 0, 0, 0
local instruction_limit, cpu_limit = 0, 0
local quantum, last_clock = QUANTUM, 0
local fatal -- nil or { code, text, limit, used, where }
local fatal_text -- the very string that is raised
local trusted = {} -- our own functions that must run after the creator's code was stopped

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
    fatal = { code = code, text = text, limit = limit, used = used, where = where }
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
  elseif clock() > deadline then
    stop("sandbox.budget_exceeded", (cpu_limit * 1000) // 1 .. " ms of CPU per event", cpu_limit, clock() - deadline + cpu_limit, level + 1)
  end
end

local function hook()
  left = left - quantum
  local now = clock()
  if fatal == nil and (left <= 0 or now > deadline) then
    spent(2)
  end
  if fatal then
    if trusted[getinfo(2, "f").func] then
      return
    end
    sethook(hook, "", 1)
    error(fatal_text, 0)
  end
  local passed = now - last_clock
  last_clock = now
  if passed > SLICE then
    if quantum > SMALLEST_QUANTUM then
      quantum = quantum // 4
      if quantum < SMALLEST_QUANTUM then
        quantum = SMALLEST_QUANTUM
      end
      sethook(hook, "", quantum)
    end
  elseif quantum < QUANTUM and passed < SLICE / 4 then
    quantum = quantum * 2
    if quantum > QUANTUM then
      quantum = QUANTUM
    end
    sethook(hook, "", quantum)
  end
end

-- Books work that C does in one call, where the hook cannot look. A NaN or a negative figure must never refund.
function K.charge(instructions)
  if not (instructions > 0) then
    return
  end
  left = left - instructions
  if left <= 0 then
    spent(2)
    error(fatal_text, 0)
  end
end

function K.watch(thread)
  sethook(thread, hook, "", quantum)
end

-- Starts a budget. `allowed` may be less than `instructions` when the sustained allowance is nearly used up.
function K.begin(instructions, allowed, cpu_s)
  instruction_limit, cpu_limit = instructions, cpu_s
  granted = allowed < instructions and allowed or instructions
  left = granted - FIRST_QUANTUM
  fatal, fatal_text = nil, nil
  last_clock = clock()
  deadline = last_clock + cpu_s
  quantum = FIRST_QUANTUM
  sethook(hook, "", quantum)
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
    elseif fatal == nil and (left <= 0 or clock() > deadline) then
      spent(2)
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
