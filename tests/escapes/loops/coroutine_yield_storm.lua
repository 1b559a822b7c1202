-- A coroutine that yields for ever, resumed for ever.
-- load: budget
-- event: budget
local c = coroutine.wrap(function()
  while true do
    coroutine.yield(1)
  end
end)
while true do
  c()
end
