-- %b on a text of opening brackets.
-- load: budget
-- event: budget
local s = string.rep("(", 200000)
while true do
  string.find(s, "%b()")
end
