-- tonumber of a long decimal.
-- load: budget
-- event: budget
local s = "0." .. string.rep("123456789", 90000)
for _ = 1, 20000 do end
while true do
  tonumber(s)
end
