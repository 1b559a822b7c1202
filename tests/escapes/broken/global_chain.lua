-- A long chain of indexes of nothing.
-- load: error
-- event: error
local _ = a.b.c.d.e
