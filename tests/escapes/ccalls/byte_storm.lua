-- string.byte of more bytes at a time than one call may give.
-- load: error
-- event: error
local s = string.rep("x", 20000)
for _ = 1, 20000 do end
while true do
  select("#", string.byte(s, 1, -1))
end
