-- Arithmetic on a long numeral, which is read again each time.
-- load: error
-- event: error|memory
local s = string.rep("0", 900000) .. "1"
for _ = 1, 20000 do end
while true do
  local _ = s + 1
end
