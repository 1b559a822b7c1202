-- The concat operator on long texts.
-- load: budget
-- event: budget
local s = string.rep("x", 500000)
for _ = 1, 20000 do end
while true do
  local _ = s .. s
end
