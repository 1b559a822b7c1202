-- Entry points of one state: load, deliver (one batch of events), snapshot. Only numbers and byte strings pass.
local K = ...
local type, xpcall, pcall, error, next, tostring, utf8_len = type, xpcall, pcall, error, next, tostring, utf8.len
local s_sub, s_find, s_match, s_gsub = string.sub, string.find, string.match, string.gsub
local traceback = debug.traceback
local limits, mall = K.limits, K.mall

local TRACE_BYTES, FAULTS_MAX = 1500, 8
local faults, fault_count = {}, 0
local instructions_used = 0
local tokens, tokens_at = limits.second_instructions, nil -- the sustained allowance
local current_trace

function K.is_alive(owner)
  return K.player_inside(owner) or K.entity_alive and K.entity_alive(owner) or K.match_alive and K.match_alive(owner)
end

-- Handles as table keys: players before entities before matches, each by its number.
function K.handle_order(key)
  local number = K.player_number(key)
  if number then
    return 4, number
  end
  number = K.entity_number and K.entity_number(key)
  if number then
    return 5, number
  end
  number = K.match_number and K.match_number(key)
  if number then
    return 6, number
  end
end

-- Turns an error value into "file:line: text" that blames the creator's line, never ours.
local function on_error(value)
  if K.is_fatal() then
    return value
  end
  if type(value) == "string" and s_find(value, "^%?:%?: ") then
    value = K.where(2) .. s_gsub(value, "^%?:%?: ", "")
  end
  current_trace = s_sub(traceback("", 2), 1, TRACE_BYTES)
  return K.plain_error(value)
end

local function add_fault(event, code, text, where, limit, used, run, left)
  local stops = run ~= nil -- a replay needs to know where, so this one is never left out
  if fault_count >= FAULTS_MAX and not stops then
    return
  end
  fault_count = fault_count < FAULTS_MAX and fault_count + 1 or FAULTS_MAX
  local file, line = s_match(where, "^(.-):(%d+): $")
  faults[fault_count] = {
    event = event,
    code = code,
    message = text,
    file = file or "",
    line = (line or 0) + 0,
    limit = limit + 0.0,
    used = used + 0.0,
    trace = current_trace or "",
    run = run or 0,
    left = left or 0,
  }
  current_trace = nil
end

local function record_error(event, value)
  local text = K.plain_error(value)
  local raised = K.raised and text == K.plain_error(K.raised)
  local file, line, rest = s_match(text, "^([%w_./()-]+):(%d+): (.*)$")
  if not file or #line > 7 then
    file, line, rest = nil, nil, text
  end
  local code, message
  if raised then
    code, message = s_match(rest, "^(%l+%.[%l_]+): (.*)$")
  end
  local where = file and file .. ":" .. line .. ": " or ""
  add_fault(event, code or "sandbox.script_error", message or rest, where, 0, 0)
end

local function clean(text)
  return utf8_len(text) and text or (s_gsub(text, "[\128-\255]", "?"))
end

local function take_faults()
  if fault_count == 0 then
    return nil
  end
  for i = 1, fault_count do
    for key, value in next, faults[i] do
      if type(value) == "string" then
        faults[i][key] = clean(value)
      end
    end
  end
  local blob = K.encode(faults)
  faults, fault_count = {}, 0
  return blob
end

-- Runs `fn` under a budget. Returns false when a budget was spent, so that the rest of the batch is left.
local function run(event, fn, ...)
  K.reset_log()
  K.begin(limits.event_instructions, tokens, limits.event_cpu_s)
  local ok, problem = xpcall(fn, on_error, ...)
  local used, fatal = K.finish(not ok and problem or nil)
  instructions_used = instructions_used + used
  tokens = tokens - used
  if fatal then
    add_fault(event, fatal.code, fatal.text, fatal.where, fatal.limit, fatal.used, fatal.run, fatal.left)
    return false
  elseif not ok then
    record_error(event, problem)
  end
  return true
end

local function refill()
  if tokens_at then
    local gained = (K.now - tokens_at) * limits.second_instructions
    if gained > 0 then
      tokens = tokens + gained // 1 | 0
      if tokens > limits.second_instructions then
        tokens = limits.second_instructions
      end
    end
  end
  tokens_at = K.now
end

-- Events ---------------------------------------------------------------------------------------------------------------
-- Each takes its arguments as the host sent them, keeps the mirrors true, and returns the event's name and arguments for
-- the creator's handlers, or nil when there is nothing to tell.

local incoming = {}

function incoming.enter(id, name, locale, guest, age_band, at)
  local player, is_new = K.player_enter(id, name, locale, guest, age_band, at)
  if is_new then
    return "enter", player
  end
end

function incoming.leave(id, reason)
  local player = K.player_leave(id)
  if player then
    return "leave", player, reason
  end
end

incoming.moved = K.players_moved

for _, name in next, { "interact", "area" } do
  incoming[name] = function(id, number, detail)
    local player, entity = K.player(id), K.entity and K.entity(number)
    if player and entity then
      return name, player, entity, detail
    end
  end
end

function incoming.claim_changed(...)
  local claim = K.claim_changed and K.claim_changed(...)
  if claim then
    return "claim_changed", claim
  end
end

function incoming.pool_changed(pool, player, left)
  K.use "api_rewards"
  K.pool_changed(pool, player, left)
end

function incoming.board_changed(name, period, rows)
  K.use "api_board"
  K.board_changed(name, period, rows)
end

function incoming.tickets(id, ids)
  K.use "api_avatar"
  K.tickets_changed(id, ids)
end

-- The value that an earlier state gave before a reload.
function incoming.restore(value, version)
  return "restore", K.decode(value, 1), version
end

local OF_A_PLAYER = { input = true, emote = true, chat = true, ui = true, command = true }
local PLAIN = { start = true, stop = true, bus = true }

-- What an event says to the creator's handlers: its name and arguments, or nil.
local function receive(name, a, b, c, ...)
  if OF_A_PLAYER[name] then
    local player = K.player(a)
    if player then
      return name, player, b, c
    end
  elseif PLAIN[name] then
    return name, a, b
  else
    return incoming[name](a, b, c, ...)
  end
end

local function tell(name, a, b, c)
  if name == "bus" then
    if K.bus_received then
      K.bus_received(a, b)
    end
    return
  elseif name == "command" then
    if K.chat_command then
      K.chat_command(a, b, c)
    end
    return
  end
  if K.match_left then
    if name == "leave" then
      K.match_left(a)
    elseif name == "input" then
      K.match_input(a, b)
    end
  end
  if name == "interact" or name == "area" then
    local list = K.entity_handlers(b, name) or {}
    for i = 1, #list do
      list[i].fn(a, c)
    end
  end
  K.call_handlers(name, a, b, c)
end

local function tick(dt)
  if K.match_tick then
    K.match_tick(dt)
  end
  K.call_handlers("tick", dt)
end

local function deliver_events(events)
  local healthy = true
  for i = 1, #events do
    local event = events[i]
    local name, a, b, c = receive(event[1], event[2], event[3], event[4], event[5], event[6], event[7])
    if name and healthy then
      healthy = run(name, tell, name, a, b, c)
    end
    if name == "leave" and not healthy and K.match_drop then
      K.match_drop(a) -- creators' code may not run any more in this batch, yet the mirrors stay true
    end
  end
  return healthy
end

local function finish_batch()
  local wake = K.wake()
  local snapshot
  if K.snapshot_due then
    snapshot = K.snapshot_due() and K.snapshot() or nil
    local store_wake = K.store_wake()
    wake = store_wake < wake and store_wake or wake
  end
  return K.take_commands(), take_faults(), snapshot, instructions_used, wake
end

-- Runs one batch. `run` and `left` say where a recorded batch was cut, see K.new_batch. Returns commands, faults, snapshot
-- (each bytes or nil), instructions used, and when to be woken.
local function deliver(now, blob, recorded_run, recorded_left)
  if now > K.now then
    K.now = now
  end
  refill()
  instructions_used = 0
  K.new_batch(recorded_run, recorded_left)
  local healthy = true
  if blob ~= "" then
    healthy = deliver_events((K.decode(blob, 1)))
  end
  while healthy and K.due_match do
    local fn = K.due_match()
    if not fn then
      break
    end
    healthy = run("match", fn)
  end
  local dt = healthy and K.due_tick()
  if dt then
    healthy = run("tick", tick, dt)
  end
  for _ = 1, limits.timers do
    local fn = healthy and K.due_timer()
    if not fn then
      break
    end
    healthy = run("timer", fn)
  end
  return finish_batch()
end

-- Runs the entry, then the events in `blob` (the restore of a reload), all under the budget of a load.
local function load_package(now, entry, store, blob, recorded_run, recorded_left)
  K.now = now
  K.first_store = store
  K.new_batch(recorded_run, recorded_left)
  K.begin(limits.load_instructions, limits.load_instructions, limits.load_cpu_s, "load")
  local ok, problem = xpcall(function()
    local chunk, syntax = K.compile(entry)
    if not chunk then
      error(syntax, 0)
    end
    chunk()
    K.closed = true
    if blob ~= "" then
      for _, event in next, (K.decode(blob, 1)) do
        tell(receive(event[1], event[2], event[3]))
      end
    end
  end, on_error)
  local used, fatal = K.finish(not ok and problem or nil)
  K.closed = true
  if fatal then
    add_fault("load", fatal.code, fatal.text, fatal.where, fatal.limit, fatal.used, fatal.run, fatal.left)
  elseif not ok then
    record_error("load", problem)
  end
  instructions_used = used
  return finish_batch()
end

-- The store as it is now.
local function snapshot()
  return K.snapshot and K.snapshot() or K.first_store
end

-- See handover.lua.
local function hand_over(now)
  if now > K.now then
    K.now = now
  end
  K.use "handover"
  K.new_batch()
  local value = run("snapshot", K.ask_snapshot) and K.handed_over or nil
  return value, take_faults()
end

return load_package, deliver, snapshot, K.add_source, hand_over
