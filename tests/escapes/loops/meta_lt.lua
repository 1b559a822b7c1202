-- __lt loops.
-- load: budget
-- event: budget
local meta = { __lt = function()
  while true do end
end }
local _ = setmetatable({}, meta) < setmetatable({}, meta)
