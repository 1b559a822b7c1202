-- Coroutines and pcall by turns, down the C stack.
-- load: budget|memory
-- event: budget|memory
local function f()
  pcall(coroutine.wrap(function()
    pcall(f)
  end))
end
while true do
  pcall(f)
end
