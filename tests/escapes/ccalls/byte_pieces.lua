-- string.byte of as many bytes at a time as one call may give.
-- load: budget
-- event: budget
local s = string.rep("x", 8000)
while true do
  select("#", string.byte(s, 1, -1))
end
