-- gsub of each byte, without a callback.
-- load: budget|memory
-- event: budget|memory
local s = string.rep("a", 100000)
for _ = 1, 20000 do end
while true do
  string.gsub(s, ".", "%0")
end
