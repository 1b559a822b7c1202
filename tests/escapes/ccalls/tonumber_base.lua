-- tonumber with a base on a long text.
-- load: budget
-- event: budget
local s = string.rep("z", 900000)
for _ = 1, 20000 do end
while true do
  tonumber(s, 36)
end
