-- Endless recursion, caught without end.
-- load: budget|memory
-- event: budget|memory
local function f()
  return 1 + f()
end
while true do
  pcall(f)
end
