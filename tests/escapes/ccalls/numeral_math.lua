-- Functions of math on a long numeral.
-- load: error
-- event: error|memory
local s = string.rep("0", 900000) .. "1"
for _ = 1, 20000 do end
while true do
  math.floor(s)
  math.max(s, s, s, s)
end
