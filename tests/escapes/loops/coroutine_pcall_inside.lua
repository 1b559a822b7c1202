-- pcall inside a coroutine around a loop.
-- load: budget
-- event: budget
local c = coroutine.wrap(function()
  while true do
    pcall(function()
      while true do end
    end)
    coroutine.yield()
  end
end)
while true do
  c()
end
