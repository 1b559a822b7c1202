-- String methods in a tight loop.
-- load: budget
-- event: budget
local s = "abc"
while true do
  s:upper():lower():len()
end
