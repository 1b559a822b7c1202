-- Many short strings that are all different.
-- load: budget
-- event: budget
local n = 0
while true do
  n = n + 1
  local _ = "key" .. n
end
