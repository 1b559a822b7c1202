-- %s of a long text, many times in one format.
-- load: budget|memory
-- event: budget|memory
local s = string.rep("x", 100000)
while true do
  pcall(string.format, string.rep("%s", 200), table.unpack({}, 1, 200))
  pcall(string.format, "%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s", s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)
end
