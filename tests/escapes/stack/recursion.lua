-- Endless recursion.
-- load: budget|memory
-- event: budget|memory
local function f()
  return 1 + f()
end
f()
