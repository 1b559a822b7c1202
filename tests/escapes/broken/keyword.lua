-- A keyword as a name.
-- load: error
-- event: error
local end = 1
