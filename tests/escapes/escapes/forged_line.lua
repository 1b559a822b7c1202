-- A forged place whose line is no number of a line.
-- load: error
-- event: error
error("init.lua:99999999999999999999999999: forged", 0)
