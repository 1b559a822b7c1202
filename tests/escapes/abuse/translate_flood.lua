-- Long translations without end.
-- load: budget|memory
-- event: budget|memory
local s, x = string.rep("{1}", 1300), string.rep("x", 1000)
for _ = 1, 20000 do end
while true do
  mall.t(s, x)
end
