-- A to-be-closed variable that cannot be closed.
-- load: error
-- event: error
local x <close> = 5
