-- Entry points of one state: load, deliver (one batch of events), snapshot. Only numbers and byte strings pass.
local K = ...
local type, xpcall, error, next, utf8_len = type, xpcall, error, next, utf8.len
local s_sub, s_find, s_match, s_gsub = string.sub, string.find, string.match, string.gsub
local traceback = debug.traceback
local limits, mall = K.limits, K.mall

local TRACE_BYTES, FAULTS_MAX = 1500, 8
local faults, fault_count = {}, 0
local instructions_used = 0
local tokens, tokens_at = limits.second_instructions, nil -- the sustained allowance
local current_trace

function K.is_alive(owner)
  return K.player_inside(owner) or K.entity_alive(owner) or K.match_alive(owner)
end

function K.handle_order(key)
  local number = K.player_number(key)
  if number then
    return 4, number
  end
  number = K.entity_number(key)
  if number then
    return 5, number
  end
  number = K.match_number(key)
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
K.trust(on_error)

local function add_fault(event, code, text, where, limit, used)
  if fault_count >= FAULTS_MAX then
    return
  end
  fault_count = fault_count + 1
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
  }
  current_trace = nil
end

local function record_error(event, value)
  local text = K.plain_error(value)
  local file, line, rest = s_match(text, "^([%w_./()-]+):(%d+): (.*)$")
  rest = rest or text
  local code, message = s_match(rest, "^(%l+%.[%l_]+): (.*)$")
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
  K.reset_coroutines()
  K.begin(limits.event_instructions, tokens, limits.event_cpu_s)
  local ok, problem = xpcall(fn, on_error, ...)
  local used, fatal = K.finish(not ok and problem or nil)
  instructions_used = instructions_used + used
  tokens = tokens - used
  if fatal then
    add_fault(event, fatal.code, fatal.text, fatal.where, fatal.limit, fatal.used)
    return false
  elseif not ok then
    record_error(event, problem)
  end
  return true
end
K.trust(run)

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

function incoming.start()
  return "start"
end

function incoming.stop(reason)
  return "stop", reason
end

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

function incoming.moved(packed)
  K.players_moved(packed)
end

function incoming.input(id, action)
  local player = K.player(id)
  if player then
    return "input", player, action
  end
end

function incoming.interact(id, number, verb)
  local player, entity = K.player(id), K.entity(number)
  if player and entity then
    return "interact", player, entity, verb
  end
end

function incoming.area(id, number, inside)
  local player, entity = K.player(id), K.entity(number)
  if player and entity then
    return "area", player, entity, inside
  end
end

function incoming.emote(id, name)
  local player = K.player(id)
  if player then
    return "emote", player, name
  end
end

function incoming.chat(id, text)
  local player = K.player(id)
  if player then
    return "chat", player, text
  end
end

function incoming.ui(id, node, value)
  local player = K.player(id)
  if player then
    return "ui", player, node, value
  end
end

function incoming.claim_changed(id, state, amount, reason)
  local claim = K.claim_changed(id, state, amount, reason)
  if claim then
    return "claim_changed", claim
  end
end

function incoming.pool_changed(pool, player, left)
  K.pool_changed(pool, player, left)
end

function incoming.board_changed(name, period, rows)
  K.board_changed(name, period, rows)
end

function incoming.bus(topic, value)
  return "bus", topic, value
end

local function tell(name, a, b, c)
  if name == "bus" then
    K.bus_received(a, b)
    return
  end
  if name == "leave" then
    K.match_left(a)
  elseif name == "input" then
    K.match_input(a, b)
  end
  if name == "interact" or name == "area" then
    for _, fn in next, K.entity_handlers(b, name) or {} do
      fn(a, c)
    end
  end
  K.call_handlers(name, a, b, c)
end

local function tick(dt)
  K.match_tick(dt)
  K.call_handlers("tick", dt)
end

local function deliver_events(events)
  local healthy = true
  for i = 1, #events do
    local event = events[i]
    local name, a, b, c = incoming[event[1]](event[2], event[3], event[4], event[5], event[6], event[7])
    if name and healthy then
      healthy = run(name, tell, name, a, b, c)
    end
    if name == "leave" and not healthy then
      K.match_drop(a) -- creators' code may not run any more in this batch, yet the mirrors stay true
    end
  end
  return healthy
end

-- Runs one batch. Returns commands, faults, snapshot (each bytes or nil), instructions used, and when to be woken.
local function deliver(now, blob)
  if now > K.now then
    K.now = now
  end
  refill()
  instructions_used = 0
  local healthy = true
  if blob ~= "" then
    healthy = deliver_events((K.decode(blob, 1)))
  end
  while healthy do
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
  local snapshot = K.snapshot_due() and K.snapshot() or nil
  local wake, store_wake = K.wake(), K.store_wake()
  return K.take_commands(), take_faults(), snapshot, instructions_used, store_wake < wake and store_wake or wake
end

local function load_package(now, entry, store)
  K.now = now
  K.begin(limits.load_instructions, limits.load_instructions, limits.load_cpu_s)
  local ok, problem = xpcall(function()
    K.restore(store)
    local chunk, syntax = K.compile(entry)
    if not chunk then
      error(syntax, 0)
    end
    chunk()
  end, on_error)
  local used, fatal = K.finish(not ok and problem or nil)
  K.closed = true
  if fatal then
    add_fault("load", fatal.code, fatal.text, fatal.where, fatal.limit, fatal.used)
  elseif not ok then
    record_error("load", problem)
  end
  return K.take_commands(), take_faults(), nil, used, K.wake()
end
K.trust(load_package)

mall.settings = K.frozen(K.settings, "mall.settings")
mall.parcel = K.frozen(K.facts, "mall.parcel")

return load_package, deliver, K.snapshot, K.add_source
