-- A pack format of nothing but spaces.
-- load: budget
-- event: budget
local f = string.rep(" ", 900000)
for _ = 1, 20000 do end
while true do
  string.pack(f)
end
