-- A long fixed prefix matches nearly everywhere.
-- load: budget
-- event: budget
local s, p = string.rep("a", 900000), string.rep("a", 500) .. ".b"
for _ = 1, 20000 do end
while true do
  string.find(s, p)
end
