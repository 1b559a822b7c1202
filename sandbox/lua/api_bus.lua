-- The bus: data from package to package inside one parcel or mall.
local K = ...
local type, tostring, s_find, s_match, pcall, error = type, tostring, string.find, string.match, pcall, error
local mall, emit, bad = K.mall, K.emit, K.bad

local BUS_BYTES = 4096

local listeners = {}

local module = {}

local function topic_of(value, what)
  if type(value) ~= "string" or #value > 96 or not s_find(value, "^[%w_/-]+:[%w_.-]+$") then
    bad(what .. ": a topic is 'author/package:name', got " .. K.shown(value))
  end
  return value
end

function module.send(topic, value)
  K.need("bus", "mall.bus.send")
  topic_of(topic, "mall.bus.send")
  if s_match(topic, "^(.*):") ~= K.package then
    bad("mall.bus.send: topics sent from here begin with '" .. K.package .. ":'")
  end
  local ok, blob = pcall(K.encode, value)
  if not ok then
    if K.is_fatal() then
      error(blob, 0)
    end
    bad("mall.bus.send was given " .. tostring(blob) .. ", which cannot be sent")
  elseif #blob > BUS_BYTES then
    bad("mall.bus.send: " .. #blob .. " bytes, at most " .. BUS_BYTES)
  end
  emit("bus_send", topic, value)
end

function module.on(topic, fn)
  K.need("bus", "mall.bus.on")
  K.declaring("mall.bus.on")
  topic_of(topic, "mall.bus.on")
  local list = listeners[topic] or {}
  local handler = { of = "bus", event = topic, fn = K.callback(fn, "mall.bus.on") }
  list[#list + 1] = handler
  listeners[topic] = list
  return handler
end

function K.offs.bus(handler)
  K.take_off(listeners, handler)
end

function K.bus_received(topic, value)
  local list = listeners[topic] or {}
  for i = 1, #list do
    list[i].fn(value)
  end
end

mall.bus = module
