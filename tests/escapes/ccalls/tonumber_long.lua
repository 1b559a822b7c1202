-- tonumber of a numeral of nearly a megabyte.
-- load: budget
-- event: budget
local s = string.rep("0", 900000) .. "1"
for _ = 1, 20000 do end
while true do
  tonumber(s)
end
