-- Budget: counts the instructions and the CPU time of creators' code and stops it for good when one is spent.
-- Creators' source is metered (meter.lua): its checks take from a slice, and call here when the slice is used up. A spent budget
-- is "fatal": every check and every guarded pcall, coroutine and error call raises it again, so nothing can catch it.
-- All metered functions share three variables of the image: __meter, what is left of the slice in instructions;
-- __meter_slow, the same in slow operators; __meter_spent, the function that is called.
local K = ...
local error, pcall, type, tostring, s_sub = error, pcall, type, tostring, string.sub
local load_chunk, setmetatable, rawget, next = load, setmetatable, rawget, next
local getinfo, getupvalue, upvaluejoin = debug.getinfo, debug.getupvalue, debug.upvaluejoin
local clock, collect = os.clock, collectgarbage

local SLICE = K.limits.slice
local IDLE = 1 << 60 -- while no creator's code runs
local ERROR_COST = 400
local TEXT_MAX = 2048
local LEVELS_MAX = 30
local LOOK_EVERY = 3 -- slices between two looks at the clock of the CPU, which is slow to read
local LOOK_AT = 20000 -- instructions booked in one slice, for C calls, that are a reason to look at once
local LONG = 0.002 -- where more CPU than this passed between two looks, the clock is read at each slice
local SLOW_MOST, SLOW_KIB = 8, 2048 -- slow operators in a slice: at most, and times the KiB held, which is 12 us for each
local RISK = 8192 -- slow operators between two checks, times the KiB held: more of them than could run in 100 ms are not begun
local ROOMY = 128 -- KiB; who holds more may hold long texts, so the clock is looked at earlier
local BATCH_S = K.limits.batch_cpu_s -- after it no run takes longer than a slice

local rest, given = 0, 0 -- left are `rest` and __meter, which is what remains of `given`
local granted = 0
local deadline, last_look, looks, long = nil, nil, 0, false
local batch_deadline -- nil until the clock is first looked at in a batch
local instruction_limit, cpu_limit, unit = 0, 0, "event"
local run, cut_run, cut_left = 0, nil, nil -- a replay stops where the recorded run was stopped
local fatal -- nil or the record of what stopped the run
local fatal_text -- the very string that is raised
local active = false -- a budget runs
local loading = false -- a chunk of ours is being run and must be run whole
local memory_base, memory_limit, held = nil, nil, 0 -- KiB; the first two are known when the state is made

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
    fatal = { code = code, text = text, limit = limit, used = used, where = where, run = at_run, left = rest + __meter }
    rest, __meter = rest + __meter + 1, -1 -- from now on each check calls
  end
end

local function stop_budget(level)
  local left = rest + __meter
  if left < 0 then
    if instruction_limit > granted then
      local rate = K.limits.second_instructions
      stop("sandbox.budget_exceeded", rate .. " instructions per second, sustained", rate, granted - left, level + 1, run)
    else
      stop("sandbox.budget_exceeded", instruction_limit .. " instructions per " .. unit, instruction_limit, granted - left, level + 1, run)
    end
  else
    local used = cut_run and cpu_limit or deadline and clock() - deadline + cpu_limit or cpu_limit
    local batch = unit == "event" and ", " .. (BATCH_S * 1000) // 1 .. " ms per batch" or ""
    stop("sandbox.budget_exceeded", (cpu_limit * 1000) // 1 .. " ms of CPU per " .. unit .. batch, cpu_limit, used, level + 1, run)
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
  looks = (long or __meter_slow < 0 and held > ROOMY) and 0 or looks - 1
  if looks > 0 then
    return false
  end
  local now = clock()
  deadline, batch_deadline = deadline or now + cpu_limit, batch_deadline or now + BATCH_S
  long = last_look and now - last_look > LONG
  looks, last_look = LOOK_EVERY, now
  return now > deadline or unit == "event" and now > batch_deadline
end

-- Live memory above the limit. The allocator's own limit is higher, so that it is hardly ever met: at its edge each
-- allocation would collect all garbage anew.
local function full()
  local used = collect "count"
  if used <= memory_limit then
    held = used > memory_base and used - memory_base or 0
    return false
  end
  collect "collect"
  long, held = true, memory_limit - memory_base
  return collect "count" > memory_limit
end

local function slow_slice()
  local most = SLOW_KIB // (held + 1)
  return most < SLOW_MOST and most or SLOW_MOST
end

-- Gives the next slice. Slices may be of any size, as a run is stopped where its instructions end, or where a replay is
-- told; that point is the end of a slice, and then neither clock nor memory is asked.
local function give()
  local left = rest + __meter
  if cut_run then
    given = (run == cut_run or run == -cut_run) and left - cut_left - 1 or left
  else
    given = held > 4 * ROOMY and SLICE // 4 or SLICE
    given = left < given and left or given
  end
  __meter, __meter_slow, rest = given, cut_run and IDLE or slow_slice(), left - given
end

-- Whether the slow operators that a check has announced could take too long.
local function risky()
  return -__meter_slow * (held + 1) > RISK
end

-- A slice is used up.
local function spent(level)
  if loading and not fatal then
    rest, __meter, __meter_slow = rest + __meter - SLICE, SLICE, IDLE
    return
  end
  if not fatal then
    if rest + __meter < 0 then
      stop_budget(level + 1)
    elseif cut_run then
      if rest + __meter > cut_left or run ~= cut_run and run ~= -cut_run then
        give()
      elseif run == -cut_run then
        stop_memory(level + 1, cut_run)
      else
        stop_budget(level + 1)
      end
    else
      looks = given - __meter > LOOK_AT and 1 or looks
      if full() then
        stop_memory(level + 1, -run)
      elseif risky() or late() then
        stop_budget(level + 1)
      else
        give()
      end
    end
  end
  if fatal then
    error(fatal_text, 0)
  end
end

function __meter_spent()
  spent(2)
end

local function anchor()
  return __meter, __meter_slow, __meter_spent
end

-- Ties the three variables of a metered function to ours. Functions of creators have their names; our own have them first.
function K.join(f, ours)
  for i = 1, ours and 3 or 255 do
    local name = ours and i or getupvalue(f, i)
    local place = name == "__meter" and 1 or name == "__meter_slow" and 2 or name == "__meter_spent" and 3 or ours and i
    if place then
      upvaluejoin(f, i, anchor, place)
    elseif not name then
      break
    end
  end
  return f
end

-- Books work that C does in one call, where there is no check: one instruction for about 50 ns. A NaN or a negative figure
-- must never refund.
function K.charge(instructions)
  if not (instructions > 0) then
    return
  end
  __meter = __meter - (instructions < 1 << 40 and instructions // 1 | 0 or 1 << 40)
  if __meter < 0 then
    spent(2)
  end
end

-- Starts a budget. `allowed` may be less than `instructions` when the sustained allowance is nearly used up.
function K.begin(instructions, allowed, cpu_s, what)
  instruction_limit, cpu_limit, unit = instructions, cpu_s, what or "event"
  granted = allowed < instructions and allowed or instructions
  active = true
  K.depth = 0 -- of coroutines inside each other
  run = run + 1
  fatal, fatal_text = nil, nil
  deadline, last_look, looks, long = nil, nil, held > ROOMY and 1 or LOOK_EVERY, false
  rest, __meter = granted, 0
  give()
end

-- What is left of the budget.
function K.left()
  return rest + __meter
end

-- A new batch: runs are counted from here. A replay says where the recorded batch was cut: the run, and what it had left.
-- With a cut (0, 0) no run is cut and no clock is asked.
function K.new_batch(recorded_run, recorded_left)
  run, cut_run, cut_left, loading, batch_deadline = 0, recorded_run, recorded_left, false, nil
end

-- The next slow operator looks at how much memory is held now.
function K.look_soon()
  __meter_slow = active and 0 or IDLE
end

local function load_ours(chunk)
  loading = true -- within the protected call, which may fail before
  K.join(load_chunk(chunk, "=?", "b", K.raw)(), true)(K)
end

-- Runs a chunk of ours on its first use. It must run whole: nothing but the end of memory may stop it, and then it is run
-- anew at the next use.
function K.use(name)
  local chunk = K.chunks[name]
  if not chunk then
    return
  end
  local outer = loading
  local ok, problem = pcall(load_ours, chunk)
  loading = outer
  K.look_soon()
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
  if message == MEMORY_MESSAGE then
    stop_memory(nil, 0)
  end
  local used = granted - rest - __meter
  active, rest, __meter, __meter_slow = false, 0, IDLE, IDLE
  return used, fatal
end

function K.is_fatal()
  return fatal ~= nil
end

-- What every guarded protected call does with its results. A caught error is booked, as making one takes C some time.
local function recheck(ok, value, ...)
  if not ok then
    __meter = __meter - ERROR_COST
    if value == MEMORY_MESSAGE then
      stop_memory(nil, 0) -- at the allocator's limit, which a replay meets by itself
    elseif not fatal and __meter < 0 then
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

local function handled(handler, ok, value, ...)
  if ok then
    return true, value, ...
  end
  local _, answer = recheck(pcall(handler, value))
  return false, answer
end

-- The handler is called when the error was caught, as at the end of the C stack, where it may have come from, no check runs.
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
