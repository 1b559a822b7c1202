-- Nested lazy quantifiers on a long text.
-- load: budget
-- event: budget
local s = string.rep("a", 3000)
while true do
  string.find(s, string.rep("a-", 12) .. "b")
end
