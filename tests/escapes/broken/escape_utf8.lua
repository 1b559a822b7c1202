-- A code point that is too large.
-- load: error
-- event: error
local x = "\u{80000000}"
