-- gsub of the empty pattern on a long text.
-- load: budget
-- event: budget
local s = string.rep("a", 200000)
for _ = 1, 20000 do end
while true do
  string.gsub(s, "", "")
end
