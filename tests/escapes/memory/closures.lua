-- Closures with upvalues.
-- load: budget|memory
-- event: budget|memory
local t = {}
for i = 1, 1e7 do
  local a, b = i, {}
  t[i] = function() return a, b end
end
