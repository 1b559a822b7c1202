-- A constructor of many results.
-- load: error|memory|budget
-- event: error|memory|budget
local t = { 1 }
while true do
  t = { table.unpack(t), table.unpack(t) }
  for i = 1, 1000 do
    t[#t + 1] = {}
  end
  keep = { keep, t }
end
