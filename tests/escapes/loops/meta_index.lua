-- __index loops.
-- load: budget
-- event: budget
local _ = setmetatable({}, { __index = function()
  while true do end
end }).x
