-- Strings: what C does in one call is bounded and booked.
local K = ...
local error, type, next, select, tostring, tonumber = error, type, next, select, tostring, tonumber
local s_find, s_gmatch, s_rep, s_format = string.find, string.gmatch, string.rep, string.format
local t_pack, t_unpack = table.pack, table.unpack
local math_type, floor = math.type, math.floor
local charge, S = K.charge, K.libraries.string

local BYTES_MAX = 1 << 24

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

for _, name in next, { "lower", "upper", "reverse" } do
  local f = string[name]
  S[name] = function(s)
    if type(s) == "string" then
      charge(#s // 64)
    end
    return f(s)
  end
end
