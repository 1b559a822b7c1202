-- A block that never ends.
-- load: error
-- event: error
if true then
  local x = 1
