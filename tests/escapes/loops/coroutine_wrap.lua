-- A loop inside a wrapped coroutine.
-- load: budget
-- event: budget
coroutine.wrap(function()
  while true do end
end)()
