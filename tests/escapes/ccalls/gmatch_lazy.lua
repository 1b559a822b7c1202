-- gmatch that scans to the end at each step.
-- load: budget
-- event: budget
local s = string.rep("a", 20000)
while true do
  for w in string.gmatch(s, "a.-b") do
    local _ = w
  end
end
