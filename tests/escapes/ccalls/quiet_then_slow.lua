-- Quiet work widens the look at the budget, then every instruction is slow.
-- load: budget
-- event: budget
local s = string.rep("x", 400000)
while true do
  for _ = 1, 5000 do end
  local _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
  _ = s .. s
end
