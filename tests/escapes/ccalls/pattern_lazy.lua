-- One lazy quantifier without an anchor is quadratic.
-- load: budget
-- event: budget
local s = string.rep("a", 200000)
while true do
  string.find(s, ".-b")
end
