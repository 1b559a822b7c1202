-- What might have been meant: the end of an error text about a name that is not known.
local K = ...
local type, next, s_byte, s_sub, t_concat = type, next, string.byte, string.sub, table.concat

local LETTERS, SHOWN = 24, 24

-- The number of letters to change, add or drop between two words (Levenshtein's distance).
local function distance(a, b)
  local row = {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local corner = row[0]
    row[0] = i
    for j = 1, #b do
      local least = s_byte(a, i) == s_byte(b, j) and corner or corner + 1
      corner = row[j]
      if corner + 1 < least then
        least = corner + 1
      end
      if row[j - 1] + 1 < least then
        least = row[j - 1] + 1
      end
      row[j] = least
    end
  end
  return row[#b]
end

-- `known` is a set of names or a list of them. Gives "; did you mean 'x'? Known are ..." with the names in order.
function K.hint(known, wanted)
  local names = {}
  for key, value in next, known do
    names[#names + 1] = type(key) == "string" and key or value
  end
  K.sort(names)
  local near = ""
  if type(wanted) == "string" then
    wanted = s_sub(wanted, 1, LETTERS)
    local least = 2 + #wanted // 4
    for i = 1, #names do
      local changes = distance(wanted, names[i])
      if changes < least then
        least, near = changes, " did you mean '" .. names[i] .. "'?"
      end
    end
  end
  return ";" .. near .. " known are " .. t_concat(names, ", ", 1, #names < SHOWN and #names or SHOWN)
end
