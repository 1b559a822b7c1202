-- utf8.char of many values.
-- load: budget
-- event: budget
local t = {}
for i = 1, 7000 do
  t[i] = 0x10ffff
end
for _ = 1, 20000 do end
while true do
  utf8.char(table.unpack(t))
end
