-- Plain search of a needle that matches for half its length at every place.
-- load: budget
-- event: budget
local s, p = string.rep("a", 900000), string.rep("a", 400000) .. "b"
for _ = 1, 20000 do end
while true do
  string.find(s, p, 1, true)
end
