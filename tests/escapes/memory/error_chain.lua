-- Error messages that grow at each level.
-- load: budget|memory
-- event: budget|memory
local m = "x"
while true do
  local _, e = pcall(error, m)
  m = e .. e
end
