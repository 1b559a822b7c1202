-- __le loops.
-- load: budget
-- event: budget
local meta = { __le = function()
  while true do end
end }
local _ = setmetatable({}, meta) <= setmetatable({}, meta)
