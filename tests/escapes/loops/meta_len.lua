-- __len loops.
-- load: budget
-- event: budget
local _ = #setmetatable({}, { __len = function()
  while true do end
end })
