-- The plain part of the creators' environment: basic functions, math, the clock, load, require.
local K = ...
local error, type, next, load, tostring, rawset, rawget = error, type, next, load, tostring, rawset, rawget
local select, tonumber = select, tonumber
local s_sub, s_gsub, s_find, floor = string.sub, string.gsub, string.find, math.floor
local raw_get_metatable, setmetatable = debug.getmetatable, setmetatable
local charge, short, env = K.charge, K.short, K.env

local CHUNK_MAX = 65536
local COMPILE_COST = 10 -- instructions for each byte that is compiled, metered and compiled

env._G = env
env._VERSION = "Lua 5.5 (mall)"
for _, name in next, { "ipairs", "rawequal", "rawget", "rawlen", "type", "getmetatable" } do
  env[name] = _G[name]
end

function env.select(n, ...)
  return select(short(n), ...)
end

function env.tonumber(value, base)
  if type(value) == "string" then
    charge(#value // 8)
  end
  if base ~= nil then
    return tonumber(value, short(base))
  end
  return tonumber(value)
end

-- The libraries of creators are tables of their own. What C does in one go is guarded; it comes when it is first asked for.
local libraries = {
  string = K.on_use({ len = string.len }, {
    rep = "strings", format = "strings", lower = "strings", upper = "strings", reverse = "strings", sub = "strings",
    byte = "strings", char = "strings", pack = "strings", packsize = "strings", unpack = "strings",
    find = "patterns", match = "patterns", gmatch = "patterns", gsub = "patterns",
  }),
  table = K.on_use({}, {
    pack = "tables", unpack = "tables", concat = "tables", insert = "tables", remove = "tables", move = "tables",
    sort = "sorting",
  }),
  coroutine = K.on_use({}, {
    create = "coroutines", resume = "coroutines", yield = "coroutines", status = "coroutines", running = "coroutines",
    isyieldable = "coroutines", close = "coroutines", wrap = "coroutines",
  }),
  utf8 = K.on_use({ charpattern = utf8.charpattern }, {
    len = "utf8", char = "utf8", codepoint = "utf8", offset = "utf8", codes = "utf8",
  }),
}
K.libraries = libraries
local numbers = { type = math.type, pi = math.pi, huge = math.huge, maxinteger = math.maxinteger, mininteger = math.mininteger }
local functions = {}
for _, name in next, {
  "abs", "acos", "asin", "ceil", "cos", "deg", "exp", "floor", "modf", "rad", "sin", "sqrt", "tan", "tointeger",
  "atan", "fmod", "log", "random", "ult", "max", "min",
} do
  functions[name] = "maths"
end
libraries.math = K.on_use(numbers, functions)
for name, library in next, libraries do
  env[name] = library
end

math.randomseed(K.seed, K.seed ~ 0x5bd1e995)

env.os = {
  clock = function()
    return K.now
  end,
  time = function()
    return floor(K.now)
  end,
}

-- __gc runs where no budget counts, and weak keys make one step of the collector quadratic in C.
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
  local meta = raw_get_metatable(t)
  if meta and rawget(meta, "__metatable") == false and not (K.is_open_guard and K.is_open_guard(meta)) then -- a handle
    error("a protected table cannot be changed", 2)
  end
  return rawset(t, key, value)
end

-- tostring without addresses: a number in the order of asking, which is the same on every machine.
local labels, last_label = setmetatable({}, { __mode = "k" }), 0

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
    return value ~= value and "nan" or tostring(value) -- the sign of NaN is the machine's
  end
  local label = labels[value]
  if not label then
    last_label = last_label + 1
    label = last_label
    labels[value] = label
  end
  return kind .. ": #" .. label
end
env.tostring = K.tostring

-- Sorts a list of ours, whatever creators have made of table.sort; the chunk puts the true function here.
function K.sort(list, before)
  K.use "sorting"
  return K.sort(list, before)
end

-- pairs and next: keys that are strings, numbers and booleans come in the order of the table, which is the same on every
-- machine (the string hash is seeded by us). Objects hash by their address, so a table with such keys is walked sorted.
local ORDERED = { string = true, number = true, boolean = true, ["nil"] = true }

local function has_objects(t)
  for key in next, t do
    if not ORDERED[type(key)] then
      return true
    end
  end
  return false
end

-- What pairs gives instead of next, as who holds next itself could walk any table in the order of addresses.
function K.step(t, key)
  local following, value = next(t, key)
  if not ORDERED[type(following)] then
    K.raise("sandbox.no_order", "a key that is a " .. type(following) .. " came into a table while it was walked")
  end
  return following, value
end
local step = K.step

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
  return step, t, nil
end

function env.next(t, key)
  if type(t) == "table" and (key == nil and has_objects(t) or K.sorted_next and K.is_sorted(t)) then
    K.use "order"
    return K.sorted_next(t, key)
  end
  return next(t, key)
end

-- The function of metered text, or nil and why not.
local function compile(metered, name, scope)
  local chunk, problem = load(metered, name, "t", scope)
  return chunk and K.join(chunk()), problem
end

function env.load(source, name, _, scope)
  if type(source) ~= "string" then
    return nil, "load: only source text is allowed"
  end
  if #source > CHUNK_MAX then
    return nil, "load: chunk above " .. CHUNK_MAX .. " bytes"
  end
  charge(1000 + #source * COMPILE_COST)
  if scope == nil then
    scope = env
  elseif type(scope) ~= "table" then
    return nil, "load: the environment must be a table"
  end
  name = "load(" .. (type(name) == "string" and s_sub(name, 1, 24) or "?") .. ")"
  local chunk, problem = load(source, "=" .. name, "t", scope)
  if not chunk then
    return nil, problem
  end
  if not K.metered then
    K.use "meter"
  end
  local metered, why = K.metered(source)
  if not metered then
    return nil, name .. ":" .. why
  end
  return compile(metered, "=" .. name, scope)
end

local sources, problems, loaded = {}, {}, {}

-- A file of the package as metered text, or why it cannot be run.
function K.add_source(path, metered, problem)
  sources[path], problems[path] = metered, problem
end

-- Compiles a file of the package; the entry runs by this too.
function K.compile(path)
  local source = sources[path]
  if not source then
    return nil, problems[path] or "the package has no file " .. path
  end
  sources[path] = nil -- run once
  charge(1000 + #source * 5)
  return compile(source, "@" .. path, env)
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
  if not (sources[path] or problems[path]) then
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

-- Texts: their methods, and arithmetic on those that hold a number.
local text_meta = raw_get_metatable("")
text_meta.__index = libraries.string
text_meta.__metatable = false
for _, name in next, { "__add", "__sub", "__mul", "__div", "__idiv", "__mod", "__pow", "__unm" } do
  local calculate = text_meta[name]
  text_meta[name] = function(a, b)
    return calculate(short(a), short(b))
  end
end
