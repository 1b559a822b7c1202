-- Long texts for the bus in long lists, which are copied before they are refused.
-- load: budget
-- event: budget
local s, t = string.rep("x", 20000), {}
for i = 1, 30 do
  t[i] = s
end
while true do
  pcall(mall.bus.send, "probe/file:x", t)
end
