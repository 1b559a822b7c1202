-- Numbers that are none.
-- load: error
-- event: error
local x = 0x, 1e, 3..2
