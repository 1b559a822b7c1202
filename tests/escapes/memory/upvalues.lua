-- A chain of closures, each holding the one before.
-- load: budget|memory
-- event: budget|memory
local f = function() end
while true do
  local inner = f
  f = function() return inner end
end
