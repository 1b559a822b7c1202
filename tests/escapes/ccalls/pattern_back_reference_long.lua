-- A back reference compares a long capture at each place.
-- load: budget
-- event: budget
local s = string.rep("a", 800000)
while true do
  string.find(s, "^(a*)b?%1b")
end
