-- A return in the middle of a block.
-- load: error
-- event: error
return 1
local x = 2
