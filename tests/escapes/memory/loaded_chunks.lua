-- Compiled chunks that are kept.
-- load: budget|memory
-- event: budget|memory
local t = {}
while true do
  t[#t + 1] = load("return function(a, b, c) return a + b + c, 'text' end")
end
