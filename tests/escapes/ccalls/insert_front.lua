-- Inserting at the front of a long list.
-- load: budget
-- event: budget
local t = {}
for i = 1, 50000 do
  t[i] = i
end
for _ = 1, 20000 do end
while true do
  table.insert(t, 1, 0)
  table.remove(t, 1)
end
