-- An endless repeat with work in it.
-- load: budget
-- event: budget
local x = 0
repeat
  x = x * 3 + 1
until false
