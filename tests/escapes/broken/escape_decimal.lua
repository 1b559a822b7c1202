-- A decimal escape that is too large.
-- load: error
-- event: error
local x = "\999"
