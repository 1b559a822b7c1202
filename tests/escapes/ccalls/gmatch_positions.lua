-- Position captures at each place of a long text.
-- load: budget
-- event: budget
local s = string.rep("a", 500000)
while true do
  for a, b in string.gmatch(s, "()a()") do
    local _ = a + b
  end
end
