-- One long array.
-- load: budget|memory
-- event: budget|memory
local t = {}
for i = 1, 1e9 do
  t[i] = i
end
