-- The plain part of the creators' environment: basic functions, math, the clock, load, require.
local K = ...
local error, type, next, load, tostring, rawset, rawget = error, type, next, load, tostring, rawset, rawget
local s_sub, s_gsub, s_find, floor = string.sub, string.gsub, string.find, math.floor
local raw_get_metatable, setmetatable = debug.getmetatable, setmetatable
local charge, env = K.charge, K.env

local CHUNK_MAX = 65536

env._G = env
env._VERSION = "Lua 5.5 (mall)"
for _, name in next, { "ipairs", "rawequal", "rawget", "rawlen", "select", "tonumber", "type", "getmetatable" } do
  env[name] = _G[name]
end

-- Copies of the libraries, so that what creators change in them is theirs alone.
local libraries = {}
K.libraries = libraries
for _, name in next, { "string", "utf8", "math" } do
  local copy = {}
  for field, value in next, _G[name] do
    copy[field] = value
  end
  libraries[name] = copy
  env[name] = copy
end
libraries.table = {}
env.table = libraries.table

math.randomseed(K.seed, K.seed ~ 0x5bd1e995)
libraries.math.randomseed = nil

env.os = {
  clock = function()
    return K.now
  end,
  time = function()
    return floor(K.now)
  end,
}

-- __gc runs with hooks off, and weak keys make one step of the collector quadratic in C.
K.forbidden = { __gc = true, __mode = true }

function env.setmetatable(t, meta)
  if not K.set_metatable then
    K.use "metatables"
  end
  return K.set_metatable(t, meta)
end

function env.rawset(t, key, value)
  if K.forbidden[key] then
    error(key .. " is not available", 2)
  end
  return rawset(t, key, value)
end

-- tostring without addresses: a number in the order of asking, which is the same on every machine.
local numbers, last_number = setmetatable({}, { __mode = "k" }), 0

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
  elseif kind ~= "function" and kind ~= "thread" and kind ~= "userdata" then
    return tostring(value)
  end
  local number = numbers[value]
  if not number then
    last_number = last_number + 1
    number = last_number
    numbers[value] = number
  end
  return kind .. ": #" .. number
end
env.tostring = K.tostring

-- Sorts a list of ours, whatever creators have made of table.sort; the chunk puts the true function here.
function K.sort(list, before)
  K.use "sorting"
  return K.sort(list, before)
end

-- pairs and next: keys that are strings, numbers and booleans come in the order of the table, which is the same on every
-- machine (the string hash is seeded by us). Objects hash by their address, so a table with such keys is walked sorted.
local function has_objects(t)
  for key in next, t do
    local kind = type(key)
    if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      return true
    end
  end
  return false
end

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
  if has_objects(t) then
    K.use "order"
    return K.sorted_pairs(t)
  end
  return next, t, nil
end

function env.next(t, key)
  if type(t) == "table" and (key == nil and has_objects(t) or K.sorted_next and K.is_sorted(t)) then
    K.use "order"
    return K.sorted_next(t, key)
  end
  return next(t, key)
end

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
  sources[path] = nil -- run once
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

-- Functions that C runs in one go are guarded; they come when they are first asked for.
for _, name in next, { "dump", "rep", "format", "lower", "upper", "reverse", "find", "match", "gmatch", "gsub" } do
  libraries.string[name] = nil
end
K.on_use(libraries.string, {
  rep = "strings", format = "strings", lower = "strings", upper = "strings", reverse = "strings",
  find = "patterns", match = "patterns", gmatch = "patterns", gsub = "patterns",
})
K.on_use(libraries.table, {
  pack = "tables", unpack = "tables", concat = "tables", insert = "tables", remove = "tables", move = "tables",
  sort = "sorting",
})
libraries.coroutine = K.on_use({}, {
  create = "coroutines", resume = "coroutines", yield = "coroutines", status = "coroutines", running = "coroutines",
  isyieldable = "coroutines", close = "coroutines", wrap = "coroutines",
})
env.coroutine = libraries.coroutine

local text_meta = raw_get_metatable("")
text_meta.__index = libraries.string
text_meta.__metatable = false
