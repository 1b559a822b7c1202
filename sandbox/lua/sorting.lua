-- Sorting: a merge sort in Lua, so that it is metered, stable, and the same on every machine (the C one picks its pivots by
-- clock and address).
local K = ...
local error, type, rawget, rawset, rawlen = error, type, rawget, rawset, rawlen

local function less(a, b)
  return a < b
end

function K.sort(t, before)
  if type(t) ~= "table" then
    error("bad argument #1 to 'sort' (table expected, got " .. (t == nil and "nil" or type(t)) .. ")", 2)
  end
  local n = rawlen(t)
  if before ~= nil and type(before) ~= "function" then
    error("bad argument #2 to 'sort' (function expected)", 2)
  end
  before = before or less
  local from, into, width = {}, {}, 1
  for i = 1, n do
    from[i] = rawget(t, i)
  end
  while width < n do
    local k = 1
    for low = 1, n, 2 * width do
      local middle, high = low + width, low + 2 * width
      if middle > n + 1 then
        middle = n + 1
      end
      if high > n + 1 then
        high = n + 1
      end
      local i, j = low, middle
      while i < middle and j < high do
        if before(from[j], from[i]) then
          into[k] = from[j]
          j = j + 1
        else
          into[k] = from[i]
          i = i + 1
        end
        k = k + 1
      end
      while i < middle do
        into[k] = from[i]
        i, k = i + 1, k + 1
      end
      while j < high do
        into[k] = from[j]
        j, k = j + 1, k + 1
      end
    end
    from, into = into, from
    width = 2 * width
  end
  for i = 1, n do
    rawset(t, i, from[i])
  end
end
K.libraries.table.sort = K.sort
