-- Long texts are kept.
-- load: budget|memory
-- event: budget|memory
local t = {}
while true do
  t[#t + 1] = string.rep("x", 10000) .. #t
end
