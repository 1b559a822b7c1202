-- string.byte of many bytes at a time.
-- load: budget
-- event: budget
local s = string.rep("x", 20000)
for _ = 1, 20000 do end
while true do
  select("#", string.byte(s, 1, -1))
end
