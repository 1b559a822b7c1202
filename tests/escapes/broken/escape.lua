-- An escape that is none.
-- load: error
-- event: error
local x = "\q"
