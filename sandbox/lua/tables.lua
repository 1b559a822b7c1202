-- Tables: loops in C are bounded by the raw length (never a creator's __len) and booked.
local K = ...
local error, type, select, rawget, rawset, rawlen, getmetatable = error, type, select, rawget, rawset, rawlen, getmetatable
local t_concat, t_insert, t_remove, t_move = table.concat, table.insert, table.remove, table.move
local t_unpack, t_pack = table.unpack, table.pack
local math_type, to_integer = math.type, math.tointeger
local charge = K.charge

local UNPACK_MAX = 8000
local MOVE_MAX = 1000000

local function length(t, name)
  if type(t) ~= "table" then
    error("bad argument #1 to '" .. name .. "' (table expected, got " .. (t == nil and "nil" or type(t)) .. ")", 3)
  end
  return rawlen(t)
end

local function integer(value, fallback, name)
  if value == nil then
    return fallback
  end
  local whole = type(value) == "number" and to_integer(value)
  if not whole then
    error("bad argument to '" .. name .. "' (integer expected)", 3)
  end
  return whole
end

local T = K.libraries.table
T.pack = t_pack

function T.unpack(t, first, last)
  local n = length(t, "unpack")
  first, last = integer(first, 1, "unpack"), integer(last, n, "unpack")
  if last >= first and (last - first < 0 or last - first >= UNPACK_MAX) then
    error("too many results to unpack", 2)
  end
  return t_unpack(t, first, last)
end

function T.concat(t, separator, first, last)
  local n = length(t, "concat")
  first, last = integer(first, 1, "concat"), integer(last, n, "concat")
  if getmetatable(t) ~= nil then
    local copy = {}
    for i = 1, n do
      copy[i] = rawget(t, i)
    end
    t = copy
  end
  if last >= first and (first < 1 or last > n) then
    error("invalid value (nil) at index " .. (first < 1 and first or n + 1) .. " in table for 'concat'", 2)
  end
  local bytes = type(separator) == "string" and #separator * n or 0
  for i = first, last do
    local piece = rawget(t, i)
    bytes = bytes + (type(piece) == "string" and #piece or 16)
  end
  charge(bytes // 32)
  K.room(bytes)
  return K.counted(t_concat(t, separator, first, last))
end

function T.insert(t, ...)
  local n = length(t, "insert")
  local count = select("#", ...)
  if count == 1 then
    rawset(t, n + 1, (...))
    return
  elseif count ~= 2 then
    error("wrong number of arguments to 'insert'", 2)
  end
  local position, value = ...
  position = integer(position, nil, "insert")
  if not position or position < 1 or position > n + 1 then
    error("bad argument #2 to 'insert' (position out of bounds)", 2)
  end
  charge((n - position) // 10)
  if getmetatable(t) == nil then
    t_insert(t, position, value)
    return
  end
  for i = n, position, -1 do
    rawset(t, i + 1, rawget(t, i))
  end
  rawset(t, position, value)
end

function T.remove(t, position)
  local n = length(t, "remove")
  if n == 0 and position == nil then
    return nil
  end
  position = integer(position, n, "remove")
  if position < 1 or position > n + 1 then
    if n == 0 and position == 0 then
      return rawget(t, 0)
    end
    error("bad argument #2 to 'remove' (position out of bounds)", 2)
  end
  charge((n - position) // 10)
  if getmetatable(t) == nil then
    return t_remove(t, position)
  end
  local value = rawget(t, position)
  for i = position, n do
    rawset(t, i, rawget(t, i + 1))
  end
  return value
end

function T.move(from, first, last, to, target)
  length(from, "move")
  if target ~= nil then
    length(target, "move")
  end
  first, last, to = integer(first, nil, "move"), integer(last, nil, "move"), integer(to, nil, "move")
  if not (first and last and to) then
    error("bad argument to 'move' (integer expected)", 2)
  end
  if last >= first then
    if last - first < 0 or last - first > MOVE_MAX then
      error("too many elements to move", 2)
    end
    charge((last - first) // 10)
  end
  local into = target or from
  if getmetatable(from) == nil and getmetatable(into) == nil then
    return t_move(from, first, last, to, into)
  end
  if to > first and into == from then
    for i = last, first, -1 do
      into[to + i - first] = from[i]
    end
  else
    for i = first, last do
      into[to + i - first] = from[i]
    end
  end
  return into
end
