-- At the end of the C stack, where a hook cannot run, work goes on inside pcall.
-- load: budget|memory
-- event: budget|memory
local function work()
  for i = 1, 5000 do
    local _ = i
  end
end
local t = {}
setmetatable(t, { __index = function(_, n)
  pcall(function() return t[n + 1] end)
  while true do
    pcall(work)
  end
end })
local _ = t[1]
