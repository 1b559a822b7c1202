-- gsub that doubles its text each time.
-- load: budget|memory
-- event: budget|memory
local s = "a"
while true do
  s = string.gsub(s, "a", "aa")
end
