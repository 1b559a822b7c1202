-- Thirty options: two to the thirty ways.
-- load: budget
-- event: budget
local s = string.rep("a", 30)
while true do
  string.find(s, string.rep("a?", 30) .. string.rep("a", 30) .. "b")
end
