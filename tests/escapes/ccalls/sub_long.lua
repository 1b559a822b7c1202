-- Copies of a long text by sub.
-- load: budget
-- event: budget
local s = string.rep("x", 900000)
for _ = 1, 20000 do end
while true do
  string.sub(s, 2)
end
