-- An attribute that is none.
-- load: error
-- event: error
local x <weird> = 1
