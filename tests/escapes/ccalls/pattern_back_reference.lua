-- Back references on a long text.
-- load: budget
-- event: budget
local s = string.rep("a", 20000)
while true do
  string.find(s, "(.*)%1%1b")
end
