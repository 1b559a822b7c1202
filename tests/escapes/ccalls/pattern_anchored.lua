-- An anchored pattern with three stars.
-- load: budget
-- event: budget
local s = string.rep("a", 20000)
while true do
  string.find(s, "^.*.*.*b")
end
