-- A long replacement for each byte.
-- load: budget|memory
-- event: budget|memory
local r = string.rep("x", 10000)
while true do
  pcall(string.gsub, string.rep("a", 100), "a", r)
end
