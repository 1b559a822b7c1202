-- A text that doubles.
-- load: budget|memory
-- event: budget|memory
local s = "x"
while true do
  s = s .. s
end
