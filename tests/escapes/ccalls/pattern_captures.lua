-- Thirty-two captures of lazy quantifiers.
-- load: budget
-- event: budget
local s = string.rep("a", 400)
while true do
  string.find(s, string.rep("(a-)", 31) .. "b")
end
