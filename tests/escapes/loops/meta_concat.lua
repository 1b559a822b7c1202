-- __concat loops.
-- load: budget
-- event: budget
local _ = setmetatable({}, { __concat = function()
  while true do end
end }) .. "x"
