-- Errors that are numbers, from a coroutine.
-- load: error
-- event: error
coroutine.wrap(function()
  error(0 / 0)
end)()
