-- Coroutines that are kept with a deep stack.
-- load: budget|memory
-- event: budget|memory
local t = {}
local function deep(n)
  if n == 0 then
    coroutine.yield()
  end
  return deep(n - 1), n
end
for i = 1, 1e6 do
  t[i] = coroutine.create(deep)
  coroutine.resume(t[i], 100)
end
