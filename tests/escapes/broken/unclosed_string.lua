-- A text that never ends.
-- load: error
-- event: error
local s = "never ends
