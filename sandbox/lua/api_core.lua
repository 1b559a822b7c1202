-- The core of `mall`: refusals, argument checks, the outbox, events, timers, texts, random, log.
local K = ...
local error, type, next, tostring, select, rawlen = error, type, next, tostring, select, rawlen
local s_sub, s_gsub, s_find, s_format = string.sub, string.gsub, string.find, string.format
local utf8_len, to_integer, math_random = utf8.len, math.tointeger, math.random
local t_concat, pcall, setmetatable = table.concat, pcall, setmetatable
local limits = K.limits

local HUGE = 1 / 0
local LOG_LINES, LOG_BYTES = 50, 1024
local HANDLERS_MAX = 256
local COMMANDS_MAX = 4000

local MODULES = {
  world = "api_world", ui = "api_ui", store = "api_store", match = "api_match", board = "api_board",
  rewards = "api_rewards", bus = "api_bus", t = "api_texts", settings = "api_facts", parcel = "api_facts",
  features = "api_facts", chat = "api_chat", off = "api_off",
}
local mall = K.on_use({}, MODULES)
K.env.mall = mall
K.mall = mall

-- Refusals -------------------------------------------------------------------------------------------------------------

local raise = K.raise

function K.bad(text)
  raise("sandbox.bad_argument", text)
end
local bad = K.bad

local function shown(value)
  if type(value) == "string" then
    return '"' .. s_sub(value, 1, 40) .. '"'
  end
  return type(value) == "number" and tostring(value) or type(value)
end
K.shown = shown

function K.need(capability, what)
  if not K.capabilities[capability] then
    raise("sandbox.capability_missing", what .. " needs the capability '" .. capability .. "', which " .. K.package
      .. " was not granted here; name it in [capabilities] of package.toml")
  end
end

function K.declaring(what)
  if K.closed then
    raise("sandbox.load_closed", what .. " may only be called while the package loads, at the top of a file")
  end
end

-- Argument checks ------------------------------------------------------------------------------------------------------

function K.text(value, most, what)
  if type(value) == "number" then
    value = tostring(value)
  end
  if type(value) ~= "string" then
    bad(what .. " must be a text, got " .. shown(value))
  end
  if #value > most then
    bad(what .. " has " .. #value .. " bytes, at most " .. most)
  end
  if not utf8_len(value) then
    bad(what .. " is not UTF-8")
  end
  return value
end

function K.name(value, what)
  if type(value) ~= "string" or #value > 64 or not s_find(value, "^[%w_][%w_.:/-]*$") then
    bad(what .. " must be a name of letters, digits and _ . : / - (64 at most), got " .. shown(value))
  end
  return value
end

function K.number(value, least, most, what)
  if type(value) ~= "number" or value ~= value or value < least or value > most then
    bad(s_format("%s must be a number from %g to %g, got %s", what, least, most, shown(value)))
  end
  return value + 0.0
end

function K.whole(value, least, most, what)
  local whole = type(value) == "number" and to_integer(value)
  if not whole or whole < least or whole > most then
    bad(s_format("%s must be a whole number from %d to %d, got %s", what, least, most, shown(value)))
  end
  return whole
end

function K.color(value, what)
  if type(value) ~= "string" or not s_find(value, "^#%x%x%x%x%x%x$") then
    bad(what .. " must be a color such as '#ffcc00', got " .. K.shown(value))
  end
  return value
end

function K.callback(value, what)
  if type(value) ~= "function" then
    bad(what .. " needs a function, got " .. shown(value))
  end
  return value
end

function K.options(value, what)
  if type(value) ~= "table" then
    bad(what .. " takes one table, got " .. shown(value))
  end
  return value
end

-- The end of a text about a name that is not known: the nearest and all that are. The chunk puts the true function here.
function K.hint(known, wanted)
  K.use "hints"
  return K.hint(known, wanted)
end

function K.only(t, allowed, what)
  for key in next, t do
    if not allowed[key] then
      bad(what .. " has no option '" .. K.tostring(key) .. "'" .. K.hint(allowed, key))
    end
  end
end

-- {x, y, z} or {x = , y = , z = } inside the footprint, in metres.
function K.position(value, what)
  if type(value) ~= "table" then
    bad(what .. " must be a position {x, y, z}, got " .. shown(value))
  end
  local x, y, z = value[1] or value.x, value[2] or value.y, value[3] or value.z
  if type(x) ~= "number" or type(y) ~= "number" or type(z) ~= "number" then
    bad(what .. " must be a position {x, y, z} of three numbers")
  end
  local size = K.footprint
  if not (x >= 0 and x <= size[1] and y >= 0 and y <= size[2] and z >= 0 and z <= size[3]) then
    raise("world.out_of_bounds", s_format("%s {%.2f, %.2f, %.2f} is outside this placement of %g x %g x %g m", what, x, y, z,
      size[1], size[2], size[3]))
  end
  return { x + 0.0, y + 0.0, z + 0.0 }
end

-- Outbox ---------------------------------------------------------------------------------------------------------------

local commands, command_count, command_bytes = {}, 0, 0

-- Appends one command, whole or not at all.
function K.emit(...)
  local count = select("#", ...)
  local ok, piece = pcall(K.encode_list, count, { ... })
  if not ok then
    if K.is_fatal() then
      error(piece, 0)
    end
    bad((...) .. " was given " .. tostring(piece) .. ", which cannot be sent")
  end
  if command_bytes + #piece > limits.outbox_bytes or command_count >= COMMANDS_MAX then
    raise("sandbox.outbox_full", "more than " .. limits.outbox_bytes .. " bytes or " .. COMMANDS_MAX .. " commands in one batch")
  end
  commands[command_count + 1] = piece -- first, so that a stop in between leaves no hole
  command_count, command_bytes = command_count + 1, command_bytes + #piece
end
local emit = K.emit

-- Takes everything out: an encoded array of commands, or nil when there are none.
function K.take_commands()
  if command_count == 0 then
    return nil
  end
  local blob = K.array_head(command_count) .. t_concat(commands, "", 1, command_count)
  for i = 1, command_count do
    commands[i] = nil
  end
  command_count, command_bytes = 0, 0
  return blob
end

-- Events ---------------------------------------------------------------------------------------------------------------

local EVENTS = {
  start = true, stop = true, tick = true, enter = true, leave = true, input = true, interact = true, area = true,
  emote = true, chat = "chat.listen", ui = true, claim_changed = "reward.claim", snapshot = true, restore = true,
}
local handlers = {}
K.handlers, K.handler_count, K.offs = handlers, 0, {}

function mall.on(event, fn)
  K.declaring("mall.on")
  local need = EVENTS[event]
  if not need then
    bad("mall.on knows no event '" .. K.tostring(event) .. "'" .. K.hint(EVENTS, event))
  end
  if need ~= true then
    K.need(need, "the event '" .. event .. "'")
  end
  if K.handler_count >= HANDLERS_MAX then
    bad("at most " .. HANDLERS_MAX .. " handlers")
  end
  K.handler_count = K.handler_count + 1
  local handle = { of = "mall", event = event, fn = K.callback(fn, "mall.on") }
  local list = handlers[event]
  if not list then
    list = {}
    handlers[event] = list
  end
  list[#list + 1] = handle
  return handle
end

function K.has_handlers(event)
  return handlers[event] ~= nil
end

-- The value of the first handler, for events that ask.
function K.ask_handler(event, ...)
  local list = handlers[event]
  if list then
    return list[1].fn(...)
  end
end

function K.call_handlers(event, ...)
  local list = handlers[event]
  if list then
    for i = 1, #list do
      list[i].fn(...)
    end
  end
end

-- Facts, texts, random, log --------------------------------------------------------------------------------------------

function mall.has(capability)
  return K.capabilities[capability] == true
end

function mall.now()
  return K.now
end

function mall.random(n)
  if n == nil then
    return math_random()
  end
  return math_random(K.whole(n, 1, 1 << 53, "mall.random"))
end

local log_lines = 0

function K.reset_log()
  log_lines = 0
end

function mall.log(...)
  log_lines = log_lines + 1
  if log_lines > LOG_LINES then
    return
  end
  local parts = {}
  for i = 1, select("#", ...) do
    parts[i] = s_sub(K.tostring((select(i, ...))), 1, 256)
    if i == 8 then
      break
    end
  end
  local line = s_sub(t_concat(parts, "\t"), 1, LOG_BYTES)
  emit("log", utf8_len(line) and line or (s_gsub(line, "[\128-\255]", "?")))
end
K.env.print = mall.log

K.length = rawlen
