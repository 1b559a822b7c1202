-- table.concat of the same long text many times.
-- load: budget|memory
-- event: budget|memory
local t, s = {}, string.rep("x", 10000)
for i = 1, 1000 do
  t[i] = s
end
while true do
  pcall(table.concat, t)
end
