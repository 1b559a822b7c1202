-- Order of keys that are objects: numbers, strings, booleans, then handles by their number. A plain table or a function
-- has nothing by which it could be ordered the same on every machine, so a table with such keys cannot be walked.
local K = ...
local type, next, setmetatable = type, next, setmetatable

local function rank(key)
  local kind = type(key)
  if kind == "number" then
    return 1, key
  elseif kind == "string" then
    return 2, key
  elseif kind == "boolean" then
    return 3, key and 1 or 0
  end
  local class, number = K.handle_order(key)
  if not class then
    K.raise("sandbox.no_order", "a table whose keys are a " .. kind .. " cannot be walked, as its order would differ from"
      .. " run to run; use a list, or a number or text of the object as the key")
  end
  return class, number
end

local function by_rank(a, b)
  local ra, va = rank(a)
  local rb, vb = rank(b)
  if ra ~= rb then
    return ra < rb
  end
  return va < vb
end

local function sorted_keys(t)
  local keys, n = {}, 0
  for key in next, t do
    n = n + 1
    keys[n] = key
  end
  rank(keys[1])
  K.sort(keys, by_rank)
  return keys, n
end

function K.sorted_pairs(t)
  local keys, n = sorted_keys(t)
  local i = 0
  return function()
    while i < n do
      i = i + 1
      local key = keys[i]
      local value = t[key]
      if value ~= nil then
        return key, value
      end
    end
  end
end

-- next over such tables: the keys are sorted when it begins at nil, and kept as long as the table lives.
local walks = setmetatable({}, { __mode = "k" }) -- table -> { keys, place of each key }

function K.is_sorted(t)
  return walks[t] ~= nil
end

function K.sorted_next(t, key)
  if key == nil then
    local keys, n = sorted_keys(t)
    local places = {}
    for i = 1, n do
      places[keys[i]] = i
    end
    walks[t] = { keys, places }
  end
  local keys, places = walks[t][1], walks[t][2]
  local i = key == nil and 0 or places[key]
  if not i then
    K.raise("sandbox.no_order", "next was given a key that was not in the table when the walk began")
  end
  local found
  repeat
    i = i + 1
    found = keys[i]
  until found == nil or t[found] ~= nil
  if found ~= nil then
    return found, t[found]
  end
end
