-- upper, lower and reverse of long texts.
-- load: budget|memory
-- event: budget|memory
local s = string.rep("x", 400000)
for _ = 1, 20000 do end
while true do
  string.upper(s)
end
