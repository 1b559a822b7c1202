-- __eq loops.
-- load: budget
-- event: budget
local meta = { __eq = function()
  while true do end
end }
local _ = setmetatable({}, meta) == setmetatable({}, meta)
