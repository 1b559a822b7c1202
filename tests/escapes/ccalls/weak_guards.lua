-- A chain through every table of ours that might be weak: metatables of metatables.
-- load: budget|memory
-- event: budget|memory
local first = {}
local last = first
while true do
  local inner = {}
  local outer = setmetatable({}, { __newindex = inner, __index = inner })
  pcall(setmetatable, last, outer)
  setmetatable({}, inner)
  last = inner
end
