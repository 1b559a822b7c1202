-- Metatables: __gc runs with hooks off, and weak keys make one step of the collector quadratic in C. Both are
-- refused when a metatable is attached and also when the field is added to it later.
local K = ...
local error, type, next, rawget, rawset, rawequal = error, type, next, rawget, rawset, rawequal
local setmetatable, getmetatable, tostring = setmetatable, getmetatable, tostring
local raw_get_metatable, raw_set_metatable = debug.getmetatable, debug.setmetatable
local env = K.env

local FORBIDDEN = { __gc = true, __mode = true }
local guards = setmetatable({}, { __mode = "k" }) -- metatable of a creator -> the guard on it

local function refuse(key)
  error(key .. " is not available", 3)
end

local function guarded_newindex(inner)
  if inner == nil then
    return function(t, key, value)
      if FORBIDDEN[key] then
        refuse(key)
      end
      rawset(t, key, value)
    end
  elseif type(inner) == "function" then
    return function(t, key, value)
      if FORBIDDEN[key] then
        refuse(key)
      end
      return inner(t, key, value)
    end
  end
  return function(_, key, value)
    if FORBIDDEN[key] then
      refuse(key)
    end
    inner[key] = value
  end
end

-- Gives `t`, which serves as a metatable, a guarded copy of its own metatable `meta`.
local function attach(t, meta)
  local guard = {}
  if meta then
    for key, value in next, meta do
      guard[key] = value
    end
  end
  guard.__newindex = guarded_newindex(guard.__newindex)
  if guard.__metatable == nil then
    guard.__metatable = meta or false
  end
  raw_set_metatable(t, guard)
  guards[t] = guard
end

function env.setmetatable(t, meta)
  if type(t) ~= "table" then
    error("bad argument #1 to 'setmetatable' (table expected)", 2)
  end
  if meta ~= nil and type(meta) ~= "table" then
    error("bad argument #2 to 'setmetatable' (nil or table expected)", 2)
  end
  if meta ~= nil then
    if rawequal(meta, t) then
      error("a table cannot be its own metatable here", 2)
    end
    if not guards[meta] then
      for key in next, FORBIDDEN do
        if rawget(meta, key) ~= nil then
          error(key .. " is not available", 2)
        end
      end
      attach(meta, raw_get_metatable(meta))
    end
  end
  local guard = guards[t]
  if guard then
    local old = guard.__metatable
    if type(old) == "table" and rawget(old, "__metatable") ~= nil then
      error("cannot change a protected metatable", 2)
    end
    attach(t, meta)
    return t
  end
  return setmetatable(t, meta)
end

env.getmetatable = getmetatable

function env.rawset(t, key, value)
  if FORBIDDEN[key] then
    refuse(key)
  end
  return rawset(t, key, value)
end

-- tostring without addresses: a number in the order of asking, which is the same on every machine.
local numbers, last_number = setmetatable({}, { __mode = "k" }), 0

local function label(value)
  local number = numbers[value]
  if not number then
    last_number = last_number + 1
    number = last_number
    numbers[value] = number
  end
  return type(value) .. ": #" .. number
end

function K.tostring(value)
  local kind = type(value)
  if kind == "table" then
    local meta = raw_get_metatable(value)
    local to_text = meta and rawget(meta, "__tostring")
    if to_text ~= nil then
      local text = to_text(value)
      if type(text) ~= "string" then
        error("'__tostring' must return a string", 2)
      end
      return text
    end
    return label(value)
  elseif kind == "function" or kind == "thread" or kind == "userdata" then
    return label(value)
  end
  return tostring(value)
end
env.tostring = K.tostring
