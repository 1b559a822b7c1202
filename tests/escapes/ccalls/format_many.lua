-- A long format of long floats.
-- load: budget
-- event: budget
local f = string.rep("%99.99f", 580)
local t = {}
for i = 1, 580 do
  t[i] = 1e308
end
for _ = 1, 20000 do end
while true do
  string.format(f, table.unpack(t))
end
