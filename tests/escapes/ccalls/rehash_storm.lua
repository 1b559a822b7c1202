-- Tables that are filled and emptied so that they rehash.
-- load: budget
-- event: budget
while true do
  local t = {}
  for i = 1, 5000 do
    t["k" .. i] = i
  end
  for i = 1, 5000 do
    t["k" .. i] = nil
  end
end
