-- A coroutine that resumes itself and the one that resumed it.
-- load: ok
-- event: ok
local main = coroutine.running()
local c
c = coroutine.create(function()
  assert(not coroutine.resume(c))
  assert(not coroutine.resume(main))
  assert(not pcall(coroutine.close, main))
  return 1
end)
assert(coroutine.resume(c))
