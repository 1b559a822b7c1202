-- A pattern that recurses in the matcher as deep as it can.
-- load: error
-- event: error
local s = string.rep("a", 500)
while true do
  string.find(s, string.rep("(a?)", 30) .. string.rep("a?", 150) .. "$b")
end
