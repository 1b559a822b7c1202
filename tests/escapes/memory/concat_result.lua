-- A result of concat that is too long.
-- load: error|memory
-- event: error|memory|budget
local t, s = {}, string.rep("x", 100000)
for i = 1, 100 do
  t[i] = s
end
table.concat(t)
