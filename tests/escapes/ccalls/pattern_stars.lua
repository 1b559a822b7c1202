-- Four greedy stars and no match.
-- load: budget
-- event: budget
local s = string.rep("a", 5000)
while true do
  string.match(s, ".*.*.*.*b")
end
