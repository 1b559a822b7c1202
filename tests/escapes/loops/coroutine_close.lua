-- Closing a coroutine runs a __close that loops.
-- load: budget
-- event: budget
local meta = { __close = function()
  while true do end
end }
local c = coroutine.create(function()
  local x <close> = setmetatable({}, meta)
  coroutine.yield(x)
end)
coroutine.resume(c)
while true do
  pcall(coroutine.close, c)
end
