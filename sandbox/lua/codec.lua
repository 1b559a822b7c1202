-- MessagePack in Lua (github.com/msgpack/msgpack/blob/master/spec.md): the only form in which anything enters or leaves a
-- state. Values: nil, boolean, integer, float, UTF-8 text, arrays and maps. Everything else is refused with its path.
local K = ...
local type, next, rawlen, rawget, error = type, next, rawlen, rawget, error
local s_pack, s_unpack, s_byte, s_sub, s_char = string.pack, string.unpack, string.byte, string.sub, string.char
local t_concat, utf8_len, math_type = table.concat, utf8.len, math.type
local raw_get_metatable = debug.getmetatable

local HUGE = 1 / 0
local DEPTH_MAX, COMMAND_DEPTH_MAX = 12, 20 -- of a value; of a command, as each node of a panel is two tables deep

local buffer, n, depth_max = {}, 0, DEPTH_MAX
local put

local function put_head(count, short, long16, long32)
  n = n + 1
  if count < 16 then
    buffer[n] = s_char(short + count)
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
  if depth >= depth_max then
    error("tables nested deeper than " .. depth_max, 0)
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
      buffer[n + 1] = s_char(0xa0 + size)
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
        buffer[n] = s_char(value)
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
    buffer[n] = value and "\xc3" or "\xc2"
  elseif kind == "nil" then
    n = n + 1
    buffer[n] = "\xc0"
  elseif kind == "table" then
    put_table(value, depth)
  else
    error("a " .. kind, 0)
  end
end

-- Encodes an array whose items may be nil; the commands of the outbox have this form.
function K.encode_list(count, list)
  n, depth_max = 0, COMMAND_DEPTH_MAX
  put_head(count, 0x90, 0xdc, 0xdd)
  for i = 1, count do
    put(list[i], 1)
  end
  return t_concat(buffer, "", 1, n)
end

-- Encodes any allowed value. Raises a short text that says what is not allowed.
function K.encode(value)
  n, depth_max = 0, DEPTH_MAX
  put(value, 0)
  return t_concat(buffer, "", 1, n)
end

function K.array_head(count)
  n = 0
  put_head(count, 0x90, 0xdc, 0xdd)
  return buffer[1]
end

local decode

local function decode_table(s, i, count, is_map)
  local t = {}
  for k = 1, count do
    local key = k
    if is_map then
      key, i = decode(s, i)
    end
    t[key], i = decode(s, i)
  end
  return t, i
end

-- Formats of string.unpack for the heads 0xc4 to 0xdb, three letters each; blanks where there is none.
local FORMATS = ">s1>s2>s4         >f >d >B >I2>I4>i8>b >i2>i4>i8               >s1>s2>s4"

-- Decodes what the host sent, which is trusted. Returns the value and the index after it.
decode = function(s, i)
  local b = s_byte(s, i)
  if b < 0x80 then
    return b, i + 1
  elseif b < 0xa0 then
    return decode_table(s, i + 1, b & 15, b < 0x90)
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
  if b < 0xdc then
    return s_unpack(s_sub(FORMATS, 3 * b - 587, 3 * b - 585), s, i + 1)
  end
  local wide = b & 1 == 1 -- 0xdc and 0xdd are arrays, 0xde and 0xdf maps
  return decode_table(s, i + (wide and 5 or 3), s_unpack(wide and ">I4" or ">I2", s, i + 1), b >= 0xde)
end
K.decode = decode
