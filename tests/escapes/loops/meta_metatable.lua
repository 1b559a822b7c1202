-- __metatable is a table with an __index that loops.
-- load: budget
-- event: budget
local meta = { __metatable = setmetatable({}, { __index = function()
  while true do end
end }) }
local t = setmetatable({}, meta)
local _ = getmetatable(t).x
