-- MessagePack in Lua (github.com/msgpack/msgpack/blob/master/spec.md): the only form in which anything enters or leaves a
-- state. Values: nil, boolean, integer, float, UTF-8 text, arrays and maps. Everything else is refused with its path.
local K = ...
local type, next, rawlen, rawget, error = type, next, rawlen, rawget, error
local s_pack, s_unpack, s_byte, s_sub, s_char = string.pack, string.unpack, string.byte, string.sub, string.char
local t_concat, utf8_len, math_type = table.concat, utf8.len, math.type
local raw_get_metatable = debug.getmetatable

local HUGE = 1 / 0
local DEPTH_MAX = 12
local small = {} -- one-byte heads
for i = 0, 255 do
  small[i] = s_char(i)
end

local buffer, n = {}, 0
local put

local function put_head(count, short, long16, long32)
  n = n + 1
  if count < 16 then
    buffer[n] = small[short + count]
  elseif count < 65536 then
    buffer[n] = s_pack(">BI2", long16, count)
  else
    buffer[n] = s_pack(">BI4", long32, count)
  end
end

local function put_table(t, depth)
  if raw_get_metatable(t) ~= nil then
    error("a handle or a table with a metatable", 0)
  end
  if depth >= DEPTH_MAX then
    error("tables nested deeper than " .. DEPTH_MAX, 0)
  end
  local length = rawlen(t)
  local count = 0
  for _ in next, t do
    count = count + 1
  end
  if count == length then
    put_head(length, 0x90, 0xdc, 0xdd)
    for i = 1, length do
      put(rawget(t, i), depth + 1)
    end
    return
  end
  put_head(count, 0x80, 0xde, 0xdf)
  for key, value in next, t do
    if type(key) ~= "string" and math_type(key) ~= "integer" then
      error("a table key that is a " .. type(key), 0)
    end
    put(key, depth + 1)
    put(value, depth + 1)
  end
end

put = function(value, depth)
  local kind = type(value)
  if kind == "string" then
    if not utf8_len(value) then
      error("text that is not UTF-8", 0)
    end
    local size = #value
    if size < 32 then
      buffer[n + 1] = small[0xa0 + size]
    elseif size < 256 then
      buffer[n + 1] = s_pack("BB", 0xd9, size)
    elseif size < 65536 then
      buffer[n + 1] = s_pack(">BI2", 0xda, size)
    else
      buffer[n + 1] = s_pack(">BI4", 0xdb, size)
    end
    buffer[n + 2] = value
    n = n + 2
  elseif kind == "number" then
    n = n + 1
    if math_type(value) == "integer" then
      if value >= 0 and value < 128 then
        buffer[n] = small[value]
      else
        buffer[n] = s_pack(">Bi8", 0xd3, value)
      end
    elseif value ~= value or value == HUGE or value == -HUGE then
      error("a number that is not finite", 0)
    else
      buffer[n] = s_pack(">Bd", 0xcb, value)
    end
  elseif kind == "boolean" then
    n = n + 1
    buffer[n] = small[value and 0xc3 or 0xc2]
  elseif kind == "nil" then
    n = n + 1
    buffer[n] = small[0xc0]
  elseif kind == "table" then
    put_table(value, depth)
  else
    error("a " .. kind, 0)
  end
end

-- Encodes an array whose items may be nil; the commands of the outbox have this form.
function K.encode_list(count, list)
  n = 0
  put_head(count, 0x90, 0xdc, 0xdd)
  for i = 1, count do
    put(list[i], 1)
  end
  return t_concat(buffer, "", 1, n)
end

-- Encodes any allowed value. Raises a short text that says what is not allowed.
function K.encode(value)
  n = 0
  put(value, 0)
  return t_concat(buffer, "", 1, n)
end

function K.array_head(count)
  n = 0
  put_head(count, 0x90, 0xdc, 0xdd)
  return buffer[1]
end

local decode

local function decode_array(s, i, count)
  local t = {}
  for k = 1, count do
    t[k], i = decode(s, i)
  end
  return t, i
end

local function decode_map(s, i, count)
  local t = {}
  for _ = 1, count do
    local key, value
    key, i = decode(s, i)
    value, i = decode(s, i)
    t[key] = value
  end
  return t, i
end

local formats = {
  [0xca] = ">f", [0xcb] = ">d", [0xcc] = ">B", [0xcd] = ">I2", [0xce] = ">I4", [0xcf] = ">i8",
  [0xd0] = ">b", [0xd1] = ">i2", [0xd2] = ">i4", [0xd3] = ">i8",
  [0xd9] = ">s1", [0xda] = ">s2", [0xdb] = ">s4", [0xc4] = ">s1", [0xc5] = ">s2", [0xc6] = ">s4",
}

-- Decodes what the host sent, which is trusted. Returns the value and the index after it.
decode = function(s, i)
  local b = s_byte(s, i)
  if b < 0x80 then
    return b, i + 1
  elseif b < 0x90 then
    return decode_map(s, i + 1, b - 0x80)
  elseif b < 0xa0 then
    return decode_array(s, i + 1, b - 0x90)
  elseif b < 0xc0 then
    return s_sub(s, i + 1, i + b - 0xa0), i + 1 + b - 0xa0
  elseif b >= 0xe0 then
    return b - 256, i + 1
  elseif b == 0xc0 then
    return nil, i + 1
  elseif b == 0xc2 then
    return false, i + 1
  elseif b == 0xc3 then
    return true, i + 1
  end
  local format = formats[b]
  if format then
    return s_unpack(format, s, i + 1)
  end
  local wide = b == 0xdd or b == 0xdf
  local count = s_unpack(wide and ">I4" or ">I2", s, i + 1)
  if b == 0xdc or b == 0xdd then
    return decode_array(s, i + (wide and 5 or 3), count)
  end
  return decode_map(s, i + (wide and 5 or 3), count)
end
K.decode = decode
