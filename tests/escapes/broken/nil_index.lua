-- An index of nothing.
-- load: error
-- event: error
local x
x.y = 1
