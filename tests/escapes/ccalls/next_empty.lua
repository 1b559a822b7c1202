-- next on a large table whose entries are all gone.
-- load: budget
-- event: budget
local t = {}
for i = 1, 15000 do
  t["k" .. i] = i
end
for k in next, t do
  t[k] = nil
end
while true do
  next(t)
end
