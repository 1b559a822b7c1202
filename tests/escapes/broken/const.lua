-- A constant that is changed.
-- load: error
-- event: error
local x <const> = 1
x = 2
