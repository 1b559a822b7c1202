-- Bounds of what C does in one call, where no check stands: texts as numbers, room and count of long results.
local K = ...
local error, type, select, s_sub, collect = error, type, select, string.sub, collectgarbage

local NUMERAL_MAX = 64 -- bytes
local ROOM = 200000 -- bytes
local COUNTED = 1000 -- bytes; texts below fit into a buffer on the stack

-- C builds long texts in memory that it asks for without collecting garbage first, so there must be room before.
function K.room(bytes)
  if bytes > ROOM then
    collect "collect"
  end
end

-- A long text that C built in a buffer, as one that the collector counts.
function K.counted(text)
  if type(text) ~= "string" or #text <= COUNTED then
    return text
  end
  K.look_soon()
  return s_sub(text, 1)
end

-- C reads a text as a number wherever it wants one, digit by digit; so no long text may come where a number belongs.
function K.short(value, level)
  if type(value) == "string" and #value > NUMERAL_MAX then
    error("a text of " .. #value .. " bytes cannot be taken as a number", level or 3)
  end
  return value
end

-- The same for all arguments of a function.
function K.all_short(...)
  local n = select("#", ...)
  K.charge(n * n // 64) -- each select passes them all
  for i = 1, n do
    K.short((select(i, ...)), 4)
  end
end
