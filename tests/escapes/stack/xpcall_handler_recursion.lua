-- The handler of xpcall overflows the stack again.
-- load: budget|memory
-- event: budget|memory
local function f()
  return 1 + f()
end
while true do
  xpcall(f, function()
    return f()
  end)
end
