-- World: entities of this placement and their components. Positions are metres from the south-west corner, y up.
local K = ...
local setmetatable, type, next = setmetatable, type, next
local mall, emit, bad, raise = K.mall, K.emit, K.bad, K.raise

local KEYS_MAX, TAGS_MAX = 64, 8
local HANDLERS_MAX = 8

local data = setmetatable({}, { __mode = "k" }) -- handle -> { number, key, parts, handlers, alive }
local by_number, by_key, order, last_number = {}, {}, {}, 0
local methods = {}

-- Components -----------------------------------------------------------------------------------------------------------

local LABEL_OPTIONS = { text = true, height = true, color = true }

local components = K.on_use({}, {
  collider = "api_components", area = "api_components", light = "api_components", sound = "api_components",
  state = "api_components", clickable = "api_components", mover = "api_components",
})
K.components = components

function K.size(value, what)
  if type(value) ~= "table" then
    bad(what .. " must be {x, y, z} in metres")
  end
  local list = {}
  for i = 1, 3 do
    list[i] = K.number(value[i], 0.01, 512, what)
  end
  return list
end

components.at = K.position

function components.yaw(value, what)
  return K.number(value, -360, 360, what)
end

function components.scale(value, what)
  if type(value) == "number" then
    return K.number(value, 0.01, 100, what)
  end
  return K.size(value, what)
end

function components.model(value, what)
  return K.text(K.name(value, what), 64, what)
end

components.color = K.color

function components.label(value, what)
  if type(value) == "string" then
    value = { text = value }
  end
  K.only(K.options(value, what), LABEL_OPTIONS, what)
  return {
    text = K.text(value.text, 120, what),
    height = value.height ~= nil and K.number(value.height, 0, 64, what .. ".height") or nil,
    color = value.color ~= nil and K.color(value.color, what .. ".color") or nil,
  }
end

function components.tags(value, what)
  local copy = {}
  for i = 1, K.length(K.options(value, what)) do
    if i > TAGS_MAX then
      bad(what .. " has more than " .. TAGS_MAX .. " tags")
    end
    copy[i] = K.name(value[i], what)
  end
  return copy
end

local ORDER = {
  "at", "yaw", "scale", "model", "color", "collider", "area", "label", "light", "sound", "state", "tags", "clickable", "mover",
}
local REMOVABLE = {
  model = true, color = true, collider = true, area = true, label = true, light = true, sound = true, clickable = true,
  mover = true, state = true,
}

-- Checks the components in `t`; `false` takes one away.
local function parts_of(t, what)
  local parts, any = {}, false
  for i = 1, #ORDER do
    local name = ORDER[i]
    local value = t[name]
    if value == false and REMOVABLE[name] then
      parts[name] = false
      any = true
    elseif value ~= nil then
      parts[name] = components[name](value, what .. ": " .. name)
      any = true
    end
  end
  for key in next, t do
    if key ~= "id" and not components[key] then
      bad(what .. " knows no component '" .. K.tostring(key) .. "'" .. K.hint(ORDER, key))
    end
  end
  return parts, any
end

-- Handles --------------------------------------------------------------------------------------------------------------

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local t = {}
  for key, item in next, value do
    t[key] = copy(item)
  end
  return t
end

local function alive(handle, what)
  local facts = data[handle]
  if not facts then
    bad(what .. " needs an entity, got " .. K.shown(handle))
  end
  if not facts.alive then
    raise("world.removed", what .. ": the entity '" .. facts.key .. "' was removed before")
  end
  return facts
end

local meta = {
  __index = function(handle, key)
    local method = methods[key]
    if method then
      return method
    end
    local facts = data[handle]
    if key == "id" then
      return facts.key
    elseif key == "tags" then
      return copy(facts.parts.tags or {})
    elseif key == "alive" then
      return facts.alive
    end
    return nil
  end,
  __newindex = function(_, key)
    bad("an entity has no field '" .. K.tostring(key) .. "' to set; use entity:set { }")
  end,
  __tostring = function(handle)
    return "entity " .. data[handle].key
  end,
  __metatable = false,
}

function K.entity_number(handle)
  local facts = data[handle]
  return facts and facts.number
end

function K.entity_alive(handle)
  local facts = data[handle]
  return facts ~= nil and facts.alive
end

function K.entity(number)
  return by_number[number]
end

function K.entity_handlers(handle, event)
  local facts = data[handle]
  return facts and facts.handlers and facts.handlers[event]
end

function methods.set(handle, t)
  local facts = alive(handle, "entity:set")
  local parts, any = parts_of(K.options(t, "entity:set"), "entity:set")
  if t.id ~= nil then
    bad("entity:set cannot change the id")
  end
  if not any then
    return
  end
  emit("set", facts.number, parts)
  for name, value in next, parts do
    facts.parts[name] = value ~= false and value or nil
  end
end

function methods.get(handle, name)
  local facts = alive(handle, "entity:get")
  if not components[name] then
    bad("entity:get knows no component '" .. K.tostring(name) .. "'" .. K.hint(ORDER, name))
  end
  return copy(facts.parts[name])
end

function methods.remove(handle)
  local facts = alive(handle, "entity:remove")
  emit("remove", facts.number)
  facts.alive, facts.handlers = false, nil -- handlers could chain dead handles, which costs the collector dearly
  by_number[facts.number] = nil
  by_key[facts.key] = nil
  for i = 1, #order do
    if order[i] == handle then
      for j = i, #order do
        order[j] = order[j + 1]
      end
      break
    end
  end
end

local ENTITY_EVENTS = { interact = true, area = true }

function methods.on(handle, event, fn)
  local facts = alive(handle, "entity:on")
  if not ENTITY_EVENTS[event] then
    bad("entity:on knows no event '" .. K.tostring(event) .. "'" .. K.hint(ENTITY_EVENTS, event))
  end
  facts.handlers = facts.handlers or {}
  local list = facts.handlers[event] or {}
  if #list >= HANDLERS_MAX then
    bad("at most " .. HANDLERS_MAX .. " handlers for one event of an entity")
  end
  local handler = { of = "entity", entity = handle, event = event, fn = K.callback(fn, "entity:on") }
  list[#list + 1] = handler
  facts.handlers[event] = list
  return handler
end

function K.offs.entity(handler)
  local facts = data[handler.entity]
  if facts and facts.handlers then
    K.take_off(facts.handlers, handler)
  end
end

function methods.off(handle, handler)
  alive(handle, "entity:off")
  K.use "api_off"
  K.off_of(handler, "entity", handle, "entity")
end

-- mall.world -----------------------------------------------------------------------------------------------------------

local module = {}

function module.spawn(t)
  K.need("world.build", "mall.world.spawn")
  local parts = parts_of(K.options(t, "mall.world.spawn"), "mall.world.spawn")
  if not parts.at then
    bad("mall.world.spawn needs at = {x, y, z}")
  end
  if #order >= K.limits.entities then
    raise("world.entity_limit", "at most " .. K.limits.entities .. " entities at a time")
  end
  local key = t.id ~= nil and K.text(K.name(t.id, "mall.world.spawn: id"), KEYS_MAX, "mall.world.spawn: id")
  local number = last_number + 1
  key = key or "#" .. number
  if by_key[key] then
    bad("mall.world.spawn: there is an entity '" .. key .. "' already")
  end
  emit("spawn", number, key, parts)
  last_number = number
  local handle = setmetatable({}, meta)
  for name, value in next, parts do
    if value == false then
      parts[name] = nil
    end
  end
  data[handle] = { number = number, key = key, parts = parts, alive = true }
  by_number[number] = handle
  by_key[key] = handle
  order[#order + 1] = handle
  return handle
end

function module.get(id)
  return by_key[id]
end

K.world_module, K.entity_order, K.entity_data = module, order, data
mall.world = K.on_use(module, {
  find = "api_places", near = "api_places", effect = "api_places", ray = "api_sight", sky = "api_sight",
})
