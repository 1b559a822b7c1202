-- Nested tables.
-- load: budget|memory
-- event: budget|memory
local t = {}
while true do
  t = { t, {}, {}, {} }
end
