-- A pack format of a million padding bytes.
-- load: budget
-- event: budget
local f = string.rep("x", 900000)
for _ = 1, 20000 do end
while true do
  string.packsize(f)
end
