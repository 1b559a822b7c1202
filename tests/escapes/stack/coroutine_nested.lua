-- Coroutines in coroutines down the C stack.
-- load: budget|memory
-- event: budget|memory
local function f()
  return coroutine.wrap(f)()
end
while true do
  pcall(f)
end
