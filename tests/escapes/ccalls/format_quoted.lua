-- %q of a long text of bytes that must be escaped.
-- load: budget|memory
-- event: budget|memory
local s = string.rep("\n", 350000)
for _ = 1, 20000 do end
while true do
  string.format("%q", s)
end
