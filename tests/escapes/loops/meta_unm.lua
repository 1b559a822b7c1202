-- __unm loops.
-- load: budget
-- event: budget
local _ = -setmetatable({}, { __unm = function()
  while true do end
end })
