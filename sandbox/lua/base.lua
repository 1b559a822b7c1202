-- The plain part of the creators' environment: basic functions, math, utf8, load, require.
local K = ...
local error, type, next, load, tostring = error, type, next, load, tostring
local s_sub, s_gsub, s_find, floor = string.sub, string.gsub, string.find, math.floor
local math, utf8 = math, utf8
local charge, env = K.charge, K.env

local CHUNK_MAX = 65536

env._G = env
env._VERSION = "Lua 5.5 (mall)"
env.ipairs, env.next, env.rawequal, env.rawget, env.rawlen = ipairs, next, rawequal, rawget, rawlen
env.select, env.tonumber, env.type = select, tonumber, type

-- pairs: string, number and boolean keys come in the order of the table, which is the same on every machine (the string
-- hash is seeded by us). Object keys hash by address, so such a table is walked sorted: numbers, strings, booleans, then
-- handles by their number.
local function rank(key)
  local kind = type(key)
  if kind == "number" then
    return 1, key
  elseif kind == "string" then
    return 2, key
  elseif kind == "boolean" then
    return 3, key and 1 or 0
  end
  local class, number = K.handle_order(key)
  return class or 9, number or 0
end

local function by_rank(a, b)
  local ra, va = rank(a)
  local rb, vb = rank(b)
  if ra ~= rb then
    return ra < rb
  end
  return va < vb
end

local function sorted_pairs(t)
  local keys, n = {}, 0
  for key in next, t do
    n = n + 1
    keys[n] = key
  end
  env.table.sort(keys, by_rank)
  local i = 0
  return function()
    while i < n do
      i = i + 1
      local key = keys[i]
      local value = t[key]
      if value ~= nil then
        return key, value
      end
    end
  end
end

local raw_get_metatable = debug.getmetatable

function env.pairs(t)
  if type(t) ~= "table" then
    error("bad argument #1 to 'pairs' (table expected, got " .. (t == nil and "nil" or type(t)) .. ")", 2)
  end
  local meta = raw_get_metatable(t)
  local custom = meta and meta.__pairs
  if custom ~= nil then
    local f, state, first = custom(t)
    return f, state, first
  end
  for key in next, t do
    local kind = type(key)
    if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      return sorted_pairs(t)
    end
  end
  return next, t, nil
end

env.math = {}
for name, value in next, math do
  env.math[name] = value
end
math.randomseed(K.seed, K.seed ~ 0x5bd1e995)
env.math.randomseed = nil

env.utf8 = {}
for name, value in next, utf8 do
  env.utf8[name] = value
end

env.os = {
  clock = function()
    return K.now
  end,
  time = function()
    return floor(K.now)
  end,
}

function env.load(source, name, _, scope)
  if type(source) ~= "string" then
    return nil, "load: only source text is allowed"
  end
  if #source > CHUNK_MAX then
    return nil, "load: chunk above " .. CHUNK_MAX .. " bytes"
  end
  charge(1000 + #source * 5)
  if scope == nil then
    scope = env
  elseif type(scope) ~= "table" then
    return nil, "load: the environment must be a table"
  end
  return load(source, "=load(" .. (type(name) == "string" and s_sub(name, 1, 24) or "?") .. ")", "t", scope)
end

local sources, loaded = {}, {}

function K.add_source(path, source)
  sources[path] = source
end

-- Compiles a file of the package; the entry runs by this too.
function K.compile(path)
  local source = sources[path]
  if not source then
    return nil, "the package has no file " .. path
  end
  charge(1000 + #source * 5)
  return load(source, "@" .. path, "t", env)
end

-- require "lib.coins" runs lib/coins.lua of the package once.
function env.require(name)
  if type(name) ~= "string" or not s_find(name, "^[%w_][%w_.]*$") then
    error("require takes a name such as 'lib.coins'", 2)
  end
  if loaded[name] ~= nil then
    return loaded[name]
  end
  local path = s_gsub(name, "%.", "/") .. ".lua"
  if not sources[path] then
    error("module '" .. name .. "' not found: the package has no file " .. path, 2)
  end
  local chunk, problem = K.compile(path)
  if not chunk then
    error(tostring(problem), 0)
  end
  loaded[name] = true
  local result = chunk(name)
  if result ~= nil then
    loaded[name] = result
  end
  return loaded[name]
end
