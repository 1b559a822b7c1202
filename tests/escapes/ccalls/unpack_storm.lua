-- Wide unpacks without end.
-- load: budget
-- event: budget
local t = {}
for i = 1, 7900 do
  t[i] = i
end
for _ = 1, 20000 do end
while true do
  select("#", table.unpack(t))
end
