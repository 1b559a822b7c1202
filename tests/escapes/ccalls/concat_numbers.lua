-- table.concat turns many floats into text.
-- load: budget
-- event: budget
local t = {}
for i = 1, 30000 do
  t[i] = i / 7
end
while true do
  table.concat(t)
end
