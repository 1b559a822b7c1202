-- Bitwise operators on a long numeral, which is read again each time.
-- load: budget|memory|error
-- event: budget|memory|error
local s = string.rep("0", 900000) .. "1"
for _ = 1, 20000 do end
local x
while true do
  x = s | 0
  x = s | 0
  x = s | 0
  x = s | 0
  x = s | 0
  x = s | 0
  x = s | 0
  x = s | 0
end
