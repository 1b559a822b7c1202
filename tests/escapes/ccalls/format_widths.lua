-- A width that is too long.
-- load: error
-- event: error
string.format("%1000d", 1)
