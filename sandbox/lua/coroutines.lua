-- Coroutines: fatal errors pass through every resume.
local K = ...
local error, type, next, setmetatable = error, type, next, setmetatable
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local running, isyieldable, close = coroutine.running, coroutine.isyieldable, coroutine.close
local recheck, charge = K.recheck, K.charge

local CREATE_COST = 1000
local DEPTH_MAX = 100

local function make(f)
  if type(f) ~= "function" then
    error("bad argument #1 (function expected)", 3)
  end
  charge(CREATE_COST)
  return create(f)
end

local failed = setmetatable({}, { __mode = "k" }) -- thread that died by an error -> the error as text

local function leave(thread, ok, value, ...)
  K.depth = K.depth - 1
  if not ok then
    failed[thread] = K.plain_error(value)
  end
  return recheck(ok, value, ...)
end

local function guarded_resume(thread, ...)
  if type(thread) ~= "thread" then
    error("bad argument #1 to 'resume' (coroutine expected)", 2)
  end
  if K.depth >= DEPTH_MAX then
    return false, "coroutines nested too deeply"
  end
  K.depth = K.depth + 1
  return leave(thread, resume(thread, ...))
end

local function unwrap(ok, value, ...)
  if not ok then
    error(value, 0)
  end
  return value, ...
end

local functions = {
  create = make,
  resume = guarded_resume,
  yield = yield,
  status = status,
  running = running,
  isyieldable = isyieldable,
  -- What waits to be closed in a thread that was stopped must not run.
  close = function(thread)
    if type(thread) == "thread" and status(thread) == "dead" then
      return failed[thread] == nil, failed[thread]
    end
    return recheck(close(thread))
  end,
  wrap = function(f)
    local thread = make(f)
    return function(...)
      return unwrap(guarded_resume(thread, ...))
    end
  end,
}
for name, f in next, functions do
  K.libraries.coroutine[name] = f
end
