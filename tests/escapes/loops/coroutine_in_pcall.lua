-- Wrapped coroutines that loop, called by pcall.
-- load: budget
-- event: budget
while true do
  pcall(coroutine.wrap(function()
    while true do end
  end))
end
