-- table.move of a million nils.
-- load: budget
-- event: budget
local t = {}
for _ = 1, 20000 do end
while true do
  table.move(t, 1, 999999, 2)
end
