-- Many short concats of one long text.
-- load: budget
-- event: budget
local s = string.rep("x", 120000)
for _ = 1, 20000 do end
while true do
  local _ = s .. s .. s .. s .. s .. s .. s .. s
end
