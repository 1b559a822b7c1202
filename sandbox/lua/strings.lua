-- Strings: what C does in one call is bounded and booked.
local K = ...
local error, type, next, select, tostring, tonumber = error, type, next, select, tostring, tonumber
local s_find, s_gmatch, s_rep, s_format = string.find, string.gmatch, string.rep, string.format
local t_pack, t_unpack = table.pack, table.unpack
local math_type, floor = math.type, math.floor
local s_sub, s_byte, s_char = string.sub, string.byte, string.char
local s_pack, s_packsize, s_unpack = string.pack, string.packsize, string.unpack
local charge, short, S = K.charge, K.short, K.libraries.string

local BYTES_MAX = 1 << 24

function S.rep(s, n, separator)
  if type(s) == "number" then
    s = tostring(s)
  end
  if type(s) ~= "string" or (separator ~= nil and type(separator) ~= "string") then
    error("bad argument to 'rep' (string expected)", 2)
  end
  n = tonumber(short(n))
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
  charge(unit * n // 64 + n // 16)
  K.room(unit * n)
  return K.counted(s_rep(s, n, separator))
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
  local bytes = #pattern
  charge(n * n // 64) -- each select passes all arguments
  for i = 1, n do
    local value = select(i, ...)
    if type(value) == "string" then
      bytes = bytes + #value
    elseif ADDRESSED[type(value)] then
      local arguments = t_pack(...)
      for j = i, n do
        if ADDRESSED[type(arguments[j])] then
          arguments[j] = K.tostring(arguments[j])
        end
      end
      charge(bytes // 8 + 4 * n)
      return K.counted(s_format(pattern, t_unpack(arguments, 1, n)))
    end
  end
  charge(bytes // 8 + 4 * n)
  return K.counted(s_format(pattern, ...))
end

for _, name in next, { "lower", "upper", "reverse" } do
  local f = string[name]
  S[name] = function(s)
    if type(s) == "string" then
      charge(#s // 32)
      K.room(#s)
    end
    return K.counted(f(s))
  end
end

function S.sub(s, i, j)
  local part = s_sub(s, short(i), short(j))
  if #part > 256 then
    charge(#part // 32)
  end
  return part
end

local RESULTS_MAX = 8000

function S.byte(s, i, j)
  i, j = short(i), short(j)
  if type(j) == "number" and type(s) == "string" and #s > RESULTS_MAX and (j < 0 or j - (i or 1) >= RESULTS_MAX) then
    error("string slice too long", 2)
  end
  return s_byte(s, i, j)
end

function S.char(...)
  K.all_short(...)
  return s_char(...)
end

-- Formats of pack: sizes of more than five digits would only fill the memory; a long run of options is work in C.
local function book_format(format)
  if type(format) ~= "string" then
    error("bad argument #1 (a format is a text)", 3)
  end
  if s_find(format, "%d%d%d%d%d%d") then
    error("a size in the format is above 99999", 3)
  end
  charge(#format // 4 + (s_find(format, "%d%d%d%d") and #format * 500 or 0))
end

function S.pack(format, ...)
  book_format(format)
  local n, bytes = select("#", ...), 0
  charge(n * n // 64)
  for i = 1, n do
    local value = select(i, ...)
    bytes = bytes + (type(value) == "string" and #value or 8)
  end
  charge(bytes // 8)
  K.room(bytes)
  return K.counted(s_pack(format, ...))
end

function S.packsize(format)
  book_format(format)
  return s_packsize(format)
end

function S.unpack(format, s, position)
  book_format(format)
  if type(s) == "string" then
    charge(#s // 32)
  end
  if #format > RESULTS_MAX then
    error("too many results to unpack", 2)
  end
  return s_unpack(format, s, short(position) or 1)
end
