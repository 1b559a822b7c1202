-- The handler of xpcall raises again and again.
-- load: budget
-- event: budget
local function handler(e)
  error(e)
end
while true do
  xpcall(error, handler, "x")
end
