-- Time: timers, the tick, and when this state wants to be woken. The clock is the host's.
local K = ...
local rawequal = rawequal
local mall, bad, raise, limits = K.mall, K.bad, K.raise, K.limits

local HUGE = 1 / 0
local TICK_S = 0.1
local GRAIN = 0.001 -- seconds; times in UTC are no finer than 0.0000002, and sums of them less
K.GRAIN = GRAIN

local timers, timer_count, last_timer = {}, 0, 0 -- sorted by due time, then by age
local next_tick = nil

local function schedule(timer)
  local i = timer_count
  while i >= 1 and timers[i].due > timer.due do
    timers[i + 1] = timers[i]
    i = i - 1
  end
  timers[i + 1] = timer
  timer_count = timer_count + 1
end

local function add_timer(seconds, fn, owner, period)
  if timer_count >= limits.timers then
    raise("sandbox.timer_limit", "at most " .. limits.timers .. " timers at a time")
  end
  if owner ~= nil and not K.is_alive(owner) then
    bad("the owner of a timer must be a match, an entity or a player that is still there")
  end
  last_timer = last_timer + 1
  local handle = {} -- creators get nothing of the timer itself
  schedule { due = K.now + seconds, fn = fn, owner = owner, period = period, handle = handle }
  return handle
end

function mall.after(seconds, fn, owner)
  return add_timer(K.number(seconds, 0, 86400, "mall.after: seconds"), K.callback(fn, "mall.after"), owner, nil)
end

function mall.every(seconds, fn, owner)
  seconds = K.number(seconds, 0.05, 86400, "mall.every: seconds")
  return add_timer(seconds, K.callback(fn, "mall.every"), owner, seconds)
end

function mall.cancel(handle)
  for i = 1, handle ~= nil and timer_count or 0 do
    if rawequal(timers[i].handle, handle) then
      timers[i].fn = nil
    end
  end
end

-- The next timer that is due, or nil. A periodic one is put back; periods that were missed are skipped.
function K.due_timer()
  while timer_count > 0 and timers[1].due <= K.now + GRAIN do
    local timer = timers[1]
    for i = 1, timer_count do
      timers[i] = timers[i + 1]
    end
    timer_count = timer_count - 1
    if timer.fn and (timer.owner == nil or K.is_alive(timer.owner)) then
      if timer.period then
        timer.due = timer.due + timer.period
        if timer.due <= K.now + GRAIN then
          timer.due = K.now + timer.period
        end
        schedule(timer)
      end
      return timer.fn
    end
  end
end

-- Seconds of a tick that is due, or nil.
function K.due_tick()
  if not (K.has_handlers("tick") or K.match_wants_tick and K.match_wants_tick()) then
    next_tick = nil
    return nil
  end
  if not next_tick then
    next_tick = K.now + TICK_S
    return nil
  end
  if K.now + GRAIN < next_tick then
    return nil
  end
  local passed = K.now - next_tick + TICK_S
  next_tick = K.now + TICK_S
  return passed
end

-- When this state wants to run again without any event; host seconds.
function K.wake()
  local due = HUGE
  if timer_count > 0 then
    due = timers[1].due
  end
  if next_tick and next_tick < due then
    due = next_tick
  end
  if K.match_wake then
    local match_due = K.match_wake()
    return match_due < due and match_due or due
  end
  return due
end
