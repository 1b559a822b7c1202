-- Metatables: __gc runs where no budget counts, and weak keys make one step of the collector quadratic in C. Both are
-- refused when a metatable is attached and also when the field is added to it later.
local K = ...
local error, type, next, rawget, rawset, rawequal, setmetatable = error, type, next, rawget, rawset, rawequal, setmetatable
local raw_get_metatable, raw_set_metatable = debug.getmetatable, debug.setmetatable

local FORBIDDEN = K.forbidden
local GUARD = {} -- a guard holds this as a key, which no creator can reach; the value says whether it stands for a protected one

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
  local guard = { [GUARD] = meta ~= nil and rawget(meta, "__metatable") ~= nil and "protected" or "open" }
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
end

-- Whether this metatable is a guard on a table that anybody may change.
function K.is_open_guard(meta)
  return rawget(meta, GUARD) == "open"
end

local function guard_of(t)
  local guard = raw_get_metatable(t)
  return guard and rawget(guard, GUARD) and guard
end

function K.set_metatable(t, meta)
  if type(t) ~= "table" then
    error("bad argument #1 to 'setmetatable' (table expected)", 3)
  end
  if meta ~= nil and type(meta) ~= "table" then
    error("bad argument #2 to 'setmetatable' (nil or table expected)", 3)
  end
  if meta ~= nil then
    if rawequal(meta, t) then
      error("a table cannot be its own metatable here", 3)
    end
    if not guard_of(meta) then
      for key in next, FORBIDDEN do
        if rawget(meta, key) ~= nil then
          error(key .. " is not available", 3)
        end
      end
      attach(meta, raw_get_metatable(meta))
    end
  end
  local guard = guard_of(t)
  if guard then
    if guard[GUARD] == "protected" then
      error("cannot change a protected metatable", 3)
    end
    attach(t, meta)
    return t
  end
  return setmetatable(t, meta)
end
