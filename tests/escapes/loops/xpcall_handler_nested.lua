-- The handler of xpcall calls xpcall, which fails, whose handler loops.
-- load: budget
-- event: budget
local function handler()
  while true do
    xpcall(error, function()
      while true do end
    end)
  end
end
while true do
  xpcall(error, handler)
end
