-- __newindex loops.
-- load: budget
-- event: budget
local t = setmetatable({}, { __newindex = function()
  while true do end
end })
t.x = 1
