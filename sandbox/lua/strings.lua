-- Strings: what C does in one call is bounded and booked; patterns over a cost go to the metered matcher.
local K = ...
local error, type, next, select, tostring, tonumber = error, type, next, select, tostring, tonumber
local s_byte, s_find, s_match, s_gmatch, s_gsub = string.byte, string.find, string.match, string.gmatch, string.gsub
local s_rep, s_format, s_sub = string.rep, string.format, string.sub
local t_pack, t_unpack = table.pack, table.unpack
local math_type, floor = math.type, math.floor
local charge, env, matcher = K.charge, K.env, K.matcher

local BYTES_MAX = 1 << 24
local PATTERN_MAX = 512
local CACHE_MAX = 256

local S = {}
for name, value in next, string do
  S[name] = value
end
S.dump = nil

function S.rep(s, n, separator)
  if type(s) == "number" then
    s = tostring(s)
  end
  if type(s) ~= "string" or (separator ~= nil and type(separator) ~= "string") then
    error("bad argument to 'rep' (string expected)", 2)
  end
  n = tonumber(n)
  if not n or n ~= n then
    error("bad argument #2 to 'rep' (number expected)", 2)
  end
  local unit = #s + (separator and #separator or 0)
  if n <= 0 or unit == 0 then
    return ""
  end
  if n > BYTES_MAX // unit then
    error("resulting string too large", 2)
  end
  n = math_type(n) == "integer" and n or floor(n)
  charge(unit * n // 64)
  return s_rep(s, n, separator)
end

local ADDRESSED = { table = true, ["function"] = true, thread = true, userdata = true }

function S.format(pattern, ...)
  if type(pattern) == "number" then
    pattern = tostring(pattern)
  end
  if type(pattern) ~= "string" then
    error("bad argument #1 to 'format' (string expected)", 2)
  end
  if #pattern > 4096 then
    error("format string above 4096 bytes", 2)
  end
  if s_find(pattern, "p", 1, true) then
    for conversion in s_gmatch(pattern, "%%[^%a%%]*([%a%%])") do
      if conversion == "p" then
        error("invalid conversion '%p' to 'format'", 2)
      end
    end
  end
  local n = select("#", ...)
  for i = 1, n do
    if ADDRESSED[type((select(i, ...)))] then
      local arguments = t_pack(...)
      for j = i, n do
        if ADDRESSED[type(arguments[j])] then
          arguments[j] = K.tostring(arguments[j])
        end
      end
      return s_format(pattern, t_unpack(arguments, 1, n))
    end
  end
  return s_format(pattern, ...)
end

-- Worst case of the C matcher: (n + 1) ^ (unbounded quantifiers, plus one if not anchored) * 2 ^ (number of '?').
local cache, cached = {}, 0

local function analyse(p)
  local entry = cache[p]
  if entry then
    return entry[1], entry[2]
  end
  local i, n, loops, options = 1, #p, 0, 0
  if s_byte(p, 1) == 94 then
    i = 2
  else
    loops = 1
  end
  while i <= n do
    local b = s_byte(p, i)
    local repeatable = true
    if b == 37 then
      local d = s_byte(p, i + 1)
      if d == 98 then
        loops = loops + 1
        i = i + 4
        repeatable = false
      elseif d == 102 then
        i = i + 2
        repeatable = false
      elseif d and d >= 48 and d <= 57 then
        loops = loops + 1
        i = i + 2
        repeatable = false
      else
        i = i + 2
      end
    elseif b == 91 then
      local j = i + 1
      if s_byte(p, j) == 94 then
        j = j + 1
      end
      repeat
        local d = s_byte(p, j)
        if not d then
          break
        end
        j = j + (d == 37 and 2 or 1)
      until s_byte(p, j) == 93
      i = j + 1
    else
      repeatable = b ~= 40 and b ~= 41
      i = i + 1
    end
    if repeatable then
      local suffix = s_byte(p, i)
      if suffix == 42 or suffix == 43 or suffix == 45 then
        loops = loops + 1
        i = i + 1
      elseif suffix == 63 then
        options = options + 1
        i = i + 1
      end
    end
  end
  if cached > CACHE_MAX then
    cache, cached = {}, 0
  end
  cache[p] = { loops, options }
  cached = cached + 1
  return loops, options
end

-- Returns the matcher to use and both arguments as strings.
local C = { find = s_find, match = s_match, gmatch = s_gmatch, gsub = s_gsub }

local function choose(name, s, p)
  if type(s) == "number" then
    s = tostring(s)
  end
  if type(p) == "number" then
    p = tostring(p)
  end
  if type(s) ~= "string" or type(p) ~= "string" then
    error("bad argument to '" .. name .. "' (string expected)", 3)
  end
  if #p > PATTERN_MAX then
    error("pattern above " .. PATTERN_MAX .. " bytes", 3)
  end
  local loops, options = analyse(p)
  local steps = (#s + 1.0) ^ (loops > 0 and loops or 1) * 2.0 ^ options
  if steps > K.limits.pattern_steps then
    return matcher[name], s, p
  end
  charge(steps // 200)
  return C[name], s, p
end

function S.find(s, p, init, plain)
  if plain then
    if type(s) == "string" and type(p) == "string" then
      -- memchr plus memcmp: the product is the worst case
      charge(#s * (#p > 64 and 64 or #p) // 256)
    end
    return s_find(s, p, init, plain)
  end
  local find, subject, pattern = choose("find", s, p)
  return find(subject, pattern, init)
end

function S.match(s, p, init)
  local match, subject, pattern = choose("match", s, p)
  return match(subject, pattern, init)
end

function S.gmatch(s, p, init)
  local gmatch, subject, pattern = choose("gmatch", s, p)
  return gmatch(subject, pattern, init)
end

function S.gsub(s, p, r, limit)
  local gsub, subject, pattern = choose("gsub", s, p)
  return gsub(subject, pattern, r, limit)
end

for _, name in next, { "lower", "upper", "reverse" } do
  local f = string[name]
  S[name] = function(s)
    if type(s) == "string" then
      charge(#s // 64)
    end
    return f(s)
  end
end

env.string = S
local meta = getmetatable("")
meta.__index = S
meta.__metatable = false
K.sub = s_sub
