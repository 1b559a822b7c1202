-- Compiling the longest text that load takes, without end.
-- load: budget
-- event: budget
local s = string.rep("a=1 ", 16000)
while true do
  assert(load(s))
end
