-- A comparator that changes the table while it is sorted.
-- load: budget
-- event: budget
local t = {}
for i = 1, 200 do
  t[i] = i
end
while true do
  table.sort(t, function(a, b)
    t[#t + 1] = a
    t[1], t[#t] = t[#t], nil
    return a > b
  end)
end
